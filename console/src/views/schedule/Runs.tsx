import { sessionOf } from '../../api/turns';
import { useLoaded } from '../../state/loaded';
import { go } from '../../state/route';
import { Pager, usePages } from '../../ui/pager';
import { Badge, Empty, Shown } from '../../ui/parts';
import { span, Time } from '../../ui/time';
import { attempt } from '../../ui/toast';
import { runs, type Job, type Run } from './api';
import { reason, runTone } from './words';

/** Each time it was due, the latest first. */
export function Runs({ job }: { job: Job }) {
  const pages = usePages();
  const read = useLoaded(signal => runs(job.id, pages.cursor, 25, signal), [job.id, pages.cursor], ['job']);
  return (
    <section class="stack" aria-labelledby="schedule-runs">
      <h2 id="schedule-runs">Ledger</h2>
      <Shown of={read}>
        {page => page.items.length === 0 && pages.depth === 0 ? <Empty title="It was never due yet">Every time it is due a line appears here, also when nothing could be done.</Empty> : (
          <>
            <div class="scroll-x panel" tabIndex={0} role="group" aria-label="Ledger, scrolls sideways">
              <table class="table">
                <caption class="visually-hidden">Due times and what became of them</caption>
                <thead><tr><th scope="col">Due</th><th scope="col">Outcome</th><th scope="col">Why</th><th scope="col" class="number">Took</th><th scope="col">Turn</th></tr></thead>
                <tbody>{page.items.map(run => <Row key={run.id} run={run} />)}</tbody>
              </table>
            </div>
            <Pager pages={pages} next={page.next} of="the ledger" />
          </>
        )}
      </Shown>
    </section>
  );
}

function Row({ run }: { run: Run }) {
  const open = () => void attempt(async () => go('chat', await sessionOf(run.turn_id!)));
  return (
    <tr>
      <td><Time at={run.due_at} /></td>
      <td><Badge tone={runTone[run.status] ?? ''}>{run.status}</Badge>{run.attempt > 1 && <><br /><small>attempt {run.attempt}</small></>}</td>
      <td class="wrap">
        {reason(run) && <div>{reason(run)}</div>}
        {run.error && <div class="schedule-error">{run.error}</div>}
        {run.retry_at && <div>tried again at <Time at={run.retry_at} how="full" /></div>}
        {run.crashes > 0 && <div>{run.crashes} {run.crashes === 1 ? 'process' : 'processes'} died in it</div>}
        {!reason(run) && !run.error && !run.retry_at && run.crashes === 0 && <span class="soft">–</span>}
      </td>
      <td class="number">{run.started_at && run.finished_at ? span(Date.parse(run.finished_at) - Date.parse(run.started_at)) : '–'}</td>
      <td>{run.turn_id ? <button type="button" class="button small" onClick={open} aria-label={`Open the conversation of the run due ${new Date(run.due_at).toLocaleString()}`}>Open</button> : <span class="soft">none</span>}</td>
    </tr>
  );
}
