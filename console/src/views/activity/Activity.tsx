import { useSignal } from '@preact/signals';
import { get, pages, url, type Page as ListPage } from '../../api/http';
import { useLoaded } from '../../state/loaded';
import { href } from '../../state/route';
import { Markdown } from '../../ui/markdown';
import { Badge, Empty, Page, Shown } from '../../ui/parts';
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
}

const read = (cursor: string | null, signal: AbortSignal) => get<ListPage<Line>>(url('/api/activity', { cursor, limit: 50 }), signal);

/** What the agent did without being asked, the latest first. */
export default function Activity() {
  // All pages that are shown are read again together: new lines push old ones from page to page, and none may fall between two.
  const depth = useSignal(1);
  const lines = useLoaded(signal => pages(depth.value, cursor => read(cursor, signal)), [], ['activity']);
  const more = () => { depth.value += 1; void lines.again(); };
  return (
    <Page title="Activity">
      <Shown of={lines}>
        {({ items, next }) => items.length === 0 ? <Empty title="Nothing yet">What jobs, the inbox and other agents make it do appears here, as it happens.</Empty> : (
          <>
            <ol class="activity" aria-label="Activity, the latest first">{[...items].sort((a, b) => b.seq - a.seq).map(line => <One key={line.seq} line={line} />)}</ol>
            {next && <button type="button" class="button small" disabled={lines.loading} onClick={more}>Older</button>}
          </>
        )}
      </Shown>
    </Page>
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
      </div>
    </li>
  );
}
