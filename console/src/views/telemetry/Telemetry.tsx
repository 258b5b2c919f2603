import './telemetry.css';
import { useSignal } from '@preact/signals';
import { get, url, type Page as ListPage } from '../../api/http';
import { useLoaded } from '../../state/loaded';
import { href } from '../../state/route';
import { Pager, usePages } from '../../ui/pager';
import { Badge, Empty, Field, Page, Shown } from '../../ui/parts';
import { span, Time } from '../../ui/time';
import { Chart } from './Chart';
import { everyDay, type Group } from './days';
import { Groups } from './Groups';
import { cost, count, time } from './words';

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

interface Summary {
  since: string;
  total: Group;
  models: Group[];
  days: Group[];
}

/** What turns took: tokens, cost, time. */
export default function Telemetry() {
  const days = useSignal(30);
  const read = useLoaded(signal => get<Summary>(url('/api/telemetry/summary', { days: days.value }), signal), [days.value], ['turn.done', 'turn.failed']);
  return (
    <Page title="Telemetry" actions={
      <Field label="Of the last">{control => (
        <select {...control} class="input" value={days.value} onChange={e => { days.value = Number(e.currentTarget.value); }}>{[7, 30, 90].map(d => <option key={d} value={d}>{d} days</option>)}</select>
      )}</Field>}>
      <Shown of={read}>
        {({ since, total, models, days: each }) => total.turns === 0 ? <Empty title="No turn yet">What the agent's turns take is shown here, once there are some.</Empty> : (
          <>
            <dl class="telemetry-total">
              <Figure name="Turns" value={`${count(total.turns)}`} more={`${count(total.failed)} failed`} />
              <Figure name="Tokens" value={count(total.input_tokens + total.output_tokens)} more={`${count(total.input_tokens)} in, ${count(total.output_tokens)} out`} />
              <Figure name="Cost" value={cost(total.cost_usd)} more={total.cost_usd === null ? 'no price is configured' : 'where a price is configured'} />
              <Figure name="A turn" value={time(total.duration_ms.p50)} more={`${time(total.duration_ms.p95)} for the slowest in twenty`} />
              <Figure name="First word" value={time(total.first_token_ms.p50)} more={`${time(total.first_token_ms.p95)} for the slowest in twenty`} />
            </dl>
            <Chart days={everyDay(each, since, days.value)} />
            <Groups title="By model" of="Model" groups={models} />
          </>
        )}
      </Shown>
      <Recent />
    </Page>
  );
}

function Figure({ name, value, more }: { name: string; value: string; more: string }) {
  return <div class="panel"><dt>{name}</dt><dd><strong>{value}</strong><small>{more}</small></dd></div>;
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
