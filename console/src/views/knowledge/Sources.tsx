import { useSignal } from '@preact/signals';
import { useLoaded } from '../../state/loaded';
import { confirm } from '../../ui/dialog';
import { Badge, Empty, Shown } from '../../ui/parts';
import { Time } from '../../ui/time';
import { attempt, say } from '../../ui/toast';
import { deleteSource, restoreSource, sources, type Source } from './api';
import { trustTone } from './Search';

/** The documents that were taken in: deleted whole, and brought back whole. */
export function Sources() {
  const cursors = useSignal<(string | null)[]>([null]);
  const at = cursors.value.at(-1) ?? null;
  const deleted = useSignal(false);
  const page = useLoaded(signal => sources(at, deleted.value, signal), [at, deleted.value], ['knowledge']);
  const drop = async (of: Source) => {
    if (!await confirm(`Delete “${of.title || of.source}”?`, `Its ${of.chunks} chunks are found no more. It can be brought back.`, 'Delete')) return;
    if (await attempt(() => deleteSource(of))) {
      await page.again();
      say(`“${of.title || of.source}” is deleted.`, { label: 'Undo', run: () => void restore(of) });
    }
  };
  const restore = async (of: Source) => {
    if (await attempt(() => restoreSource(of), `“${of.title || of.source}” is back.`)) await page.again();
  };

  return (
    <>
      <label class="row"><input type="checkbox" checked={deleted.value} onChange={e => { cursors.value = [null]; deleted.value = e.currentTarget.checked; }} /> also deleted ones, which can be brought back</label>
      <Shown of={page}>{read => read.items.length === 0 ? <Empty title="No documents yet"><a href="#/knowledge/ingest">Add some</a>: text, Markdown, HTML, PDF, or an address.</Empty> : (
        <>
          <div class="scroll-x panel">
            <table class="table">
              <caption class="visually-hidden">Documents</caption>
              <thead><tr><th scope="col">Document</th><th scope="col">Kind</th><th scope="col">Trust</th><th scope="col" class="number">Chunks</th><th scope="col">Taken in</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
              <tbody>
                {read.items.map(of => (
                  <tr key={`${of.namespace}/${of.source}/${of.deleted_at ?? ''}`}>
                    <td class="wrap"><strong>{of.title || of.source}</strong>{of.title && of.title !== of.source && <><br /><small>{of.source}</small></>}</td>
                    <td>{of.source_type}</td>
                    <td><Badge tone={trustTone[of.trust] ?? ''}>{of.trust}</Badge></td>
                    <td class="number">{of.chunks.toLocaleString()}</td>
                    <td><Time at={of.ingested_at} />{of.deleted_at && <><br /><small>deleted <Time at={of.deleted_at} /></small></>}</td>
                    <td class="right">{of.deleted_at
                      ? <button type="button" class="button small" onClick={() => restore(of)} aria-label={`Restore ${of.title || of.source}`}>Restore</button>
                      : <button type="button" class="button small danger" onClick={() => drop(of)} aria-label={`Delete ${of.title || of.source}`}>Delete</button>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <div class="row">
            {cursors.value.length > 1 && <button type="button" class="button small" onClick={() => { cursors.value = cursors.value.slice(0, -1); }}>Earlier page</button>}
            {read.next && <button type="button" class="button small" onClick={() => { cursors.value = [...cursors.value, read.next]; }}>Next page</button>}
          </div>
        </>
      )}</Shown>
    </>
  );
}
