import { useSignal } from '@preact/signals';
import { useLoaded } from '../../state/loaded';
import { go } from '../../state/route';
import { confirm } from '../../ui/dialog';
import { Badge, Page, Shown } from '../../ui/parts';
import { Time } from '../../ui/time';
import { attempt } from '../../ui/toast';
import { chunk, remove } from './api';
import { Editor } from './Editor';
import { trustTone } from './Search';

/** One chunk, whole, with what it took the place of. */
export function ChunkPage({ id }: { id: string }) {
  const read = useLoaded(signal => chunk(id, signal), [id], ['knowledge']);
  const editing = useSignal(false);
  const drop = async () => {
    if (await confirm('Delete this chunk?', 'The agent will not find it any more. A document it came from keeps its other chunks.', 'Delete')
      && await attempt(() => remove(Number(id)), 'Deleted.')) go('knowledge');
  };
  return (
    <Page title={read.data?.heading || `Chunk ${id}`} actions={(
      <>
        <a class="button" href="#/knowledge">Back</a>
        {read.data && read.data.invalidated_at === null && <><button type="button" class="button" onClick={() => { editing.value = true; }}>Change</button><button type="button" class="button danger" onClick={drop}>Delete</button></>}
      </>
    )}>
      <Shown of={read}>
        {it => (
          <>
            <div class="knowledge-meta">
              <Badge tone={trustTone[it.trust] ?? ''}>{it.trust}</Badge>
              {it.invalidated_at && <Badge tone="bad">{it.invalidation}{it.reason ? `: ${it.reason}` : ''}</Badge>}
              <span>domain {it.domain}</span>{it.namespace && <span>namespace {it.namespace}</span>}
              {it.source && <span class="wrap">from {it.source} ({it.source_type})</span>}
              <span>written <Time at={it.created_at} /></span>{it.updated_at !== it.created_at && <span>changed <Time at={it.updated_at} /></span>}
            </div>
            <pre class="code wrap" style={{ whiteSpace: 'pre-wrap' }} tabIndex={0} aria-label="Content">{it.content}</pre>
            {(it.earlier?.length ?? 0) > 0 && (
              <section class="stack">
                <h2>What it took the place of</h2>
                {it.earlier!.map(old => <details key={old.id} class="panel"><summary>until <Time at={old.invalidated_at} how="full" /></summary><p class="wrap">{old.content}</p></details>)}
              </section>
            )}
            {editing.value && <Editor chunk={it} onClose={() => { editing.value = false; }} onSaved={() => void read.again()} />}
          </>
        )}
      </Shown>
    </Page>
  );
}
