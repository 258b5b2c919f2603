import { useSignal } from '@preact/signals';
import { get, pages, url, type Page as ListPage } from '../../api/http';
import { useLoaded } from '../../state/loaded';
import { href } from '../../state/route';
import { Markdown } from '../../ui/markdown';
import { Badge, Empty, Field, Page, Shown } from '../../ui/parts';
import { Time } from '../../ui/time';
import './activity.css';

interface Line {
  seq: number;
  at: string;
  origin: 'scheduler' | 'inbox' | 'a2a' | 'operator';
  kind: string;
  text: string;
  session_id: string | null;
  job_id: string | null;
  item_id: string | null;
}

const origins: Record<Line['origin'], string> = { scheduler: 'the schedule', inbox: 'the inbox', a2a: 'other agents', operator: 'people' };

const read = (origin: string, cursor: string | null, signal: AbortSignal) => get<ListPage<Line>>(url('/api/activity', { origin, cursor, limit: 50 }), signal);

/** What the agent did without being asked, the latest first. */
export default function Activity() {
  // All pages that are shown are read again together: new lines push old ones from page to page, and none may fall between two.
  const depth = useSignal(1);
  const origin = useSignal<Line['origin'] | ''>('');
  const lines = useLoaded(signal => pages(depth.value, cursor => read(origin.value, cursor, signal)), [origin.value], ['activity']);
  const more = () => { depth.value += 1; void lines.again(); };
  const show = (which: Line['origin'] | '') => { depth.value = 1; origin.value = which; };
  return (
    <Page title="Activity" actions={
      <Field label="What made it act">{control => (
        <select {...control} class="input" value={origin.value} onChange={e => show(e.currentTarget.value as Line['origin'] | '')}>
          <option value="">Everything</option>
          {Object.entries(origins).map(([value, label]) => <option key={value} value={value}>{label}</option>)}
        </select>
      )}</Field>}>
      <Shown of={lines}>
        {({ items, next }) => items.length === 0 ? <Nothing origin={origin.value} everything={() => show('')} /> : (
          <>
            <ol class="activity" aria-label="Activity, the latest first">{[...items].sort((a, b) => b.seq - a.seq).map(line => <One key={line.seq} line={line} />)}</ol>
            {next && <button type="button" class="button small" disabled={lines.loading} onClick={more}>Older</button>}
          </>
        )}
      </Shown>
    </Page>
  );
}

function Nothing({ origin, everything }: { origin: Line['origin'] | ''; everything: () => void }) {
  if (origin === '') return <Empty title="Nothing yet">What jobs, the inbox and other agents make it do appears here, as it happens.</Empty>;
  return (
    <Empty title={`Nothing by ${origins[origin]} yet`}>
      <p>Something else may have made it act all the same.</p>
      <button type="button" class="button" onClick={everything}>Show everything</button>
    </Empty>
  );
}

function One({ line }: { line: Line }) {
  return (
    <li class="panel stack">
      <div class="row"><Badge tone="accent">{line.origin}</Badge><span>{line.kind.replaceAll('_', ' ')}</span><small><Time at={line.at} /></small></div>
      <Markdown text={line.text} />
      <div class="row">
        {line.session_id && <a href={href('chat', line.session_id)}>Its conversation</a>}
        {line.job_id && <a href={href('schedule', line.job_id)}>Its job</a>}
        {line.item_id && <a href={href('inbox', line.item_id)}>Its inbox item</a>}
      </div>
    </li>
  );
}
