import { useSignal } from '@preact/signals';
import { get, url, type Page as ListPage } from '../../api/http';
import { useLoaded } from '../../state/loaded';
import { href } from '../../state/route';
import { Markdown } from '../../ui/markdown';
import { Badge, Empty, Page, Shown } from '../../ui/parts';
import { Time } from '../../ui/time';
import { attempt } from '../../ui/toast';
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

const read = (cursor: string | null, signal?: AbortSignal) => get<ListPage<Line>>(url('/api/activity', { cursor, limit: 50 }), signal);

/** What the agent did without being asked, the latest first. */
export default function Activity() {
  const older = useSignal<ListPage<Line> | null>(null);
  const latest = useLoaded(signal => read(null, signal), [], ['activity']);
  const more = (next: string) => void attempt(async () => {
    const page = await read(next);
    older.value = { items: [...page.items, ...older.value?.items ?? []], next: page.next };
  });
  return (
    <Page title="Activity">
      <Shown of={latest}>
        {page => {
          const known = new Set(page.items.map(l => l.seq));
          const lines = [...(older.value?.items ?? []).filter(l => !known.has(l.seq)), ...page.items].reverse();
          const next = older.value ? older.value.next : page.next;
          return lines.length === 0 ? <Empty title="Nothing yet">What jobs, the inbox and other agents make it do appears here, as it happens.</Empty> : (
            <>
              <ol class="activity" aria-label="Activity, the latest first">{lines.map(line => <One key={line.seq} line={line} />)}</ol>
              {next && <button type="button" class="button small" onClick={() => more(next)}>Older</button>}
            </>
          );
        }}
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
