import { useSignal } from '@preact/signals';
import { useLoaded } from '../../state/loaded';
import { href } from '../../state/route';
import { Badge, Empty, Shown, type Tone } from '../../ui/parts';
import { span, Time } from '../../ui/time';
import { runs, type Run } from './api';

export const runTone: Record<string, Tone> = { running: 'accent', waiting: 'warn', done: 'good', failed: 'bad', cancelled: '', pending: '', skipped: '' };

/** Runs, the latest first; of one workflow, or of all. */
export function Runs({ workflow }: { workflow: string }) {
  const cursors = useSignal<(string | null)[]>([null]);
  const at = cursors.value.at(-1) ?? null;
  const read = useLoaded(signal => runs(workflow, at, signal), [workflow, at], ['workflow']);
  return (
    <Shown of={read}>
      {page => page.items.length === 0 ? <Empty title="Nothing was run yet">{workflow ? 'Give it its inputs and run it.' : 'Choose a recipe and run it.'}</Empty> : (
        <>
          <div class="scroll-x panel">
            <table class="table">
              <caption class="visually-hidden">Runs</caption>
              <thead><tr><th scope="col">Run</th><th scope="col">State</th><th scope="col">Asked by</th><th scope="col">Begun</th><th scope="col" class="number">Took</th></tr></thead>
              <tbody>{page.items.map(r => <Row key={r.id} run={r} />)}</tbody>
            </table>
          </div>
          <div class="row">
            {cursors.value.length > 1 && <button type="button" class="button small" onClick={() => { cursors.value = cursors.value.slice(0, -1); }}>Newer</button>}
            {page.next && <button type="button" class="button small" onClick={() => { cursors.value = [...cursors.value, page.next]; }}>Older</button>}
          </div>
        </>
      )}
    </Shown>
  );
}

function Row({ run }: { run: Run }) {
  return (
    <tr>
      <td class="wrap"><a href={href('workflows', 'runs', run.id)}>{run.workflow}</a>{run.error && <><br /><small class="wrap">{run.error.message}</small></>}</td>
      <td><Badge tone={runTone[run.status] ?? ''}>{run.status}</Badge></td>
      <td>{run.origin}</td>
      <td><Time at={run.started_at} how="ago" /></td>
      <td class="number">{run.finished_at ? span(Date.parse(run.finished_at) - Date.parse(run.started_at)) : '–'}</td>
    </tr>
  );
}
