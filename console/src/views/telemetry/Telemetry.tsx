import './telemetry.css';
import { useSignal } from '@preact/signals';
import { get, url, type Page as ListPage } from '../../api/http';
import { useLoaded } from '../../state/loaded';
import { href } from '../../state/route';
import { Pager, usePages } from '../../ui/pager';
import { Badge, Empty, Field, Page, Shown } from '../../ui/parts';
import { span, Time } from '../../ui/time';

interface Group {
  name: string;
  turns: number;
  failed: number;
  tool_calls: number;
  tool_errors: number;
  input_tokens: number;
  output_tokens: number;
  cost_usd: number | null;
  duration_ms: { p50: number | null; p95: number | null };
  first_token_ms: { p50: number | null; p95: number | null };
}

interface Turn {
  turn_id: string;
  session_id: string;
  origin: string;
  model: string;
  status: string;
  error_code: string | null;
  started_at: string;
  duration_ms: number;
  tool_calls: number;
  input_tokens: number | null;
  output_tokens: number | null;
  cost_usd: number | null;
}

/** What turns took: tokens, cost, time. */
export default function Telemetry() {
  const days = useSignal(30);
  const read = useLoaded(signal => get<{ total: Group; models: Group[]; days: Group[] }>(url('/api/telemetry/summary', { days: days.value }), signal), [days.value], ['turn.done', 'turn.failed']);
  return (
    <Page title="Telemetry" actions={
      <Field label="Of the last">{control => (
        <select {...control} class="input" value={days.value} onChange={e => { days.value = Number(e.currentTarget.value); }}>{[7, 30, 90].map(d => <option key={d} value={d}>{d} days</option>)}</select>
      )}</Field>}>
      <Shown of={read}>
        {({ total, models, days: each }) => total.turns === 0 ? <Empty title="No turn yet">What the agent's turns take is shown here, once there are some.</Empty> : (
          <>
            <dl class="telemetry-total">
              <Figure name="Turns" value={`${count(total.turns)}`} more={`${count(total.failed)} failed`} />
              <Figure name="Tokens" value={count(total.input_tokens + total.output_tokens)} more={`${count(total.input_tokens)} in, ${count(total.output_tokens)} out`} />
              <Figure name="Cost" value={cost(total.cost_usd)} more={total.cost_usd === null ? 'no price is configured' : 'where a price is configured'} />
              <Figure name="A turn" value={time(total.duration_ms.p50)} more={`${time(total.duration_ms.p95)} for the slowest in twenty`} />
              <Figure name="First word" value={time(total.first_token_ms.p50)} more={`${time(total.first_token_ms.p95)} for the slowest in twenty`} />
            </dl>
            <Chart days={each} />
            <Groups title="By model" of="Model" groups={models} />
            <Groups title="By day" of="Day" groups={each} />
          </>
        )}
      </Shown>
      <Recent />
    </Page>
  );
}

const count = (n: number) => n.toLocaleString();
const cost = (usd: number | null) => usd === null ? '–' : `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
const time = (ms: number | null) => ms === null ? '–' : span(ms);

function Figure({ name, value, more }: { name: string; value: string; more: string }) {
  return <div class="panel"><dt>{name}</dt><dd><strong>{value}</strong><small>{more}</small></dd></div>;
}

/** The same numbers as the table of days, to be seen at once. */
function Chart({ days }: { days: Group[] }) {
  const all = [...days].sort((a, b) => a.name < b.name ? -1 : 1);
  const most = Math.max(1, ...all.map(d => d.input_tokens + d.output_tokens));
  const width = 100 / all.length;
  return (
    <figure class="panel telemetry-chart">
      <figcaption>Tokens a day, at most {count(most)}</figcaption>
      <svg viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label="Tokens a day; the table by day has the numbers">
        {all.map((d, i) => {
          const height = (d.input_tokens + d.output_tokens) / most * 30;
          return <rect key={d.name} x={i * width + width * 0.1} y={30 - height} width={Math.min(width * 0.8, 8)} height={height}><title>{`${d.name}: ${count(d.input_tokens + d.output_tokens)} tokens`}</title></rect>;
        })}
      </svg>
    </figure>
  );
}

function Groups({ title, of, groups }: { title: string; of: string; groups: Group[] }) {
  return (
    <section class="stack">
      <h2>{title}</h2>
      <div class="scroll-x panel" tabIndex={0} role="group" aria-label={`${title}, scrolls sideways`}>
        <table class="table">
          <caption class="visually-hidden">{title}</caption>
          <thead><tr><th scope="col">{of}</th><th scope="col" class="number">Turns</th><th scope="col" class="number">Failed</th><th scope="col" class="number">Tool calls</th><th scope="col" class="number">Tokens in</th><th scope="col" class="number">Tokens out</th><th scope="col" class="number">Cost</th><th scope="col" class="number">p50</th><th scope="col" class="number">p95</th></tr></thead>
          <tbody>{groups.map(g => (
            <tr key={g.name}>
              <th scope="row">{g.name}</th><td class="number">{count(g.turns)}</td><td class="number">{count(g.failed)}</td><td class="number">{count(g.tool_calls)}</td><td class="number">{count(g.input_tokens)}</td>
              <td class="number">{count(g.output_tokens)}</td><td class="number">{cost(g.cost_usd)}</td><td class="number">{time(g.duration_ms.p50)}</td><td class="number">{time(g.duration_ms.p95)}</td>
            </tr>
          ))}</tbody>
        </table>
      </div>
    </section>
  );
}

function Recent() {
  const pages = usePages();
  const read = useLoaded(signal => get<ListPage<Turn>>(url('/api/telemetry/recent', { cursor: pages.cursor, limit: 25 }), signal), [pages.cursor], ['turn.done', 'turn.failed']);
  return (
    <section class="stack">
      <h2>Recent turns</h2>
      <Shown of={read}>
        {page => page.items.length === 0 ? <Empty title="None yet" /> : (
          <>
            <div class="scroll-x panel" tabIndex={0} role="group" aria-label="Recent turns, scrolls sideways">
              <table class="table">
                <caption class="visually-hidden">Recent turns, the latest first</caption>
                <thead><tr><th scope="col">Begun</th><th scope="col">Outcome</th><th scope="col">Origin</th><th scope="col">Model</th><th scope="col" class="number">Took</th><th scope="col" class="number">Tokens</th><th scope="col" class="number">Cost</th><th scope="col">Conversation</th></tr></thead>
                <tbody>{page.items.map(t => (
                  <tr key={t.turn_id}>
                    <td><Time at={t.started_at} /></td><td><Badge tone={t.status === 'done' ? 'good' : t.status === 'failed' ? 'bad' : 'warn'}>{t.status}</Badge>{t.error_code && <div><small>{t.error_code}</small></div>}</td>
                    <td>{t.origin}</td><td>{t.model}</td><td class="number">{span(t.duration_ms)}</td><td class="number">{t.input_tokens === null ? '–' : count(t.input_tokens + (t.output_tokens ?? 0))}</td><td class="number">{cost(t.cost_usd)}</td>
                    <td><a href={href('chat', t.session_id)} aria-label={`Open the conversation of the turn begun ${new Date(t.started_at).toLocaleString()}`}>Open</a></td>
                  </tr>
                ))}</tbody>
              </table>
            </div>
            <Pager pages={pages} next={page.next} of="the turns" />
          </>
        )}
      </Shown>
    </section>
  );
}
