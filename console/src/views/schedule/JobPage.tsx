import { useLoaded } from '../../state/loaded';
import { go, href } from '../../state/route';
import { confirm } from '../../ui/dialog';
import { Badge, Page, Shown } from '../../ui/parts';
import { inZone, Time } from '../../ui/time';
import { attempt, say } from '../../ui/toast';
import { job as read, pause, remove, resume, runNow, type Job } from './api';
import { describe } from './describe';
import { JobForm } from './JobForm';
import { NextFire } from './NextFire';
import { mine, Owner } from './Owner';
import { Runs } from './Runs';
import { rest, runTone, sameClock, stateTone, unusual } from './words';

/** One job: what it is, when it fires, and its ledger. */
export function JobPage({ id, editing }: { id: string; editing: boolean }) {
  const loaded = useLoaded(signal => read(id, signal), [id], ['job', 'scheduler']);
  if (editing && loaded.data) return <JobForm job={loaded.data} />;
  return (
    <Page title={id} actions={loaded.data && <Actions job={loaded.data} again={loaded.again} />}>
      <nav aria-label="Back"><a href={href('schedule')}>All jobs</a></nav>
      <Owner />
      <Shown of={loaded}>
        {job => (
          <>
            <section class="panel stack" aria-label="The job">
              <p class="wrap schedule-prompt" dir="auto">{job.prompt}</p>
              <Facts job={job} />
            </section>
            <Runs job={job} />
          </>
        )}
      </Shown>
    </Page>
  );
}

function Facts({ job }: { job: Job }) {
  const policy = unusual(job.policy);
  return (
    <dl class="schedule-facts">
      <div><dt>state</dt><dd><Badge tone={stateTone[job.state]}>{job.state}</Badge>{rest(job) && ` ${rest(job)}`}</dd></div>
      <div class="wide"><dt>schedule</dt><dd><code>{job.schedule}</code> {describe(job.schedule)}</dd></div>
      <div><dt>time zone</dt><dd>{job.timezone}</dd></div>
      <div><dt>next</dt><dd><NextFire job={job} /></dd></div>
      <div><dt>last</dt><dd>{job.last_status ? <><Badge tone={runTone[job.last_status] ?? ''}>{job.last_status}</Badge> {job.last_fire && <><Time at={job.last_fire} how="ago" />{!sameClock(job.timezone, job.last_fire) && <><br /><small>{inZone(job.last_fire, job.timezone)} there</small></>}</>}</> : 'never fired'}</dd></div>
      <div><dt>fired</dt><dd>{job.runs}{job.policy.max_runs !== null && ` of ${job.policy.max_runs}`}{job.runs === 1 ? ' time' : ' times'}{job.consecutive_failures > 0 && `, the last ${job.consecutive_failures} failed`}</dd></div>
      <div><dt>goes to</dt><dd>{job.session_id ? <a href={href('chat', job.session_id)}>{job.session_id}</a> : <a href={href('activity')}>the agent's activity</a>}</dd></div>
      <div class="wide"><dt>policy</dt><dd>{policy.length ? policy.join('; ') : 'as usual: an absence is made up for once, overlaps are left out, a failure is tried again 3 times'}</dd></div>
      <div><dt>made</dt><dd><Time at={job.created_at} /></dd></div>
      <div><dt>changed</dt><dd><Time at={job.updated_at} /></dd></div>
    </dl>
  );
}

function Actions({ job, again }: { job: Job; again: () => Promise<void> }) {
  const off = !mine.value;
  const move = (work: () => Promise<unknown>, done: string) => void attempt(work, done).then(again);
  const drop = async () => {
    if (!await confirm(`Delete ${job.id}?`, 'It fires no more. Its ledger goes with it; what its turns said stays in their conversations.', 'Delete')) return;
    if (await attempt(() => remove(job.id), `“${job.id}” is deleted.`)) go('schedule');
  };
  const run = async () => {
    await attempt(async () => {
      await runNow(job.id);
      say(`“${job.id}” runs now.`);
    });
    await again();
  };
  return (
    <>
      <button type="button" class="button" disabled={off} onClick={() => void run()}>Run now</button>
      {/* One button for both, so that it keeps the focus. */}
      {(job.state === 'active' || job.state === 'paused') && (
        <button type="button" class="button" disabled={off} onClick={() => job.state === 'active' ? move(() => pause(job.id), 'It is paused.') : move(() => resume(job.id), 'It goes on.')}>
          {job.state === 'active' ? 'Pause' : 'Resume'}
        </button>
      )}
      {off ? <button type="button" class="button" disabled>Edit</button> : <a class="button" href={href('schedule', job.id, 'edit')}>Edit</a>}
      <button type="button" class="button danger" disabled={off} onClick={() => void drop()}>Delete</button>
    </>
  );
}
