import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { href } from '../../state/route';
import { Badge, Empty } from '../../ui/parts';
import { Time } from '../../ui/time';
import type { Job } from './api';
import { describe } from './describe';
import { NextFire } from './NextFire';
import { rest, runTone, stateTone } from './words';

/** How many are drawn at once. */
const Portion = 100;

/** All jobs that have what is wanted, the first of them drawn. */
export function Jobs({ all, wanted }: { all: Job[]; wanted: string }) {
  const most = useSignal(Portion);
  const jobs = useMemo(() => found(all, wanted), [all, wanted]);
  if (jobs.length === 0) return <Empty title={`No job has “${wanted}”`} />;
  const left = jobs.length - most.value;
  return (
    <>
      <ul class="schedule-jobs">{jobs.slice(0, most.value).map(job => <Row key={job.id} job={job} />)}</ul>
      {left > 0 && (
        <div class="row">
          <button type="button" class="button" onClick={() => { most.value += Portion; }}>Show {Math.min(Portion, left)} more</button>
          <small>{most.value} of {jobs.length}</small>
        </div>
      )}
    </>
  );
}

function Row({ job }: { job: Job }) {
  return (
    <li class="panel">
      <div class="what">
        <div class="row"><a href={href('schedule', job.id)} class="wrap"><strong>{job.id}</strong></a>
          {job.state !== 'active' && <Badge tone={stateTone[job.state]}>{job.state}{rest(job) && `: ${rest(job)}`}</Badge>}
          {job.consecutive_failures > 1 && <Badge tone="bad">{job.consecutive_failures} failures in a row</Badge>}
        </div>
        <p class="wrap clamp" dir="auto">{job.prompt}</p>
        <small class="wrap"><code>{job.schedule}</code> {describe(job.schedule) ?? ''} {job.timezone}{job.session_id && <>, in the conversation <a href={href('chat', job.session_id)}>{job.session_id}</a></>}</small>
      </div>
      <dl class="when">
        <div><dt>Next</dt><dd><NextFire job={job} /></dd></div>
        <div><dt>Last</dt><dd>{job.last_status ? <><Badge tone={runTone[job.last_status] ?? ''}>{job.last_status}</Badge> {job.last_fire && <Time at={job.last_fire} how="ago" />}</> : <span class="soft">never</span>}</dd></div>
      </dl>
    </li>
  );
}

/** Those that fire next first, then those that rest. */
function found(all: Job[], wanted: string): Job[] {
  const parts = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (j: Job) => `${j.id} ${j.prompt} ${j.schedule} ${j.timezone} ${j.state} ${j.session_id ?? ''}`.toLowerCase();
  return (parts.length === 0 ? [...all] : all.filter(j => parts.every(p => has(j).includes(p))))
    .sort((a, b) => order(a.next_fire ?? '~', b.next_fire ?? '~') || order(b.updated_at, a.updated_at));
}

/** Instants are compared as the text they are; by a language's rules it takes many times as long. */
const order = (a: string, b: string) => a < b ? -1 : a > b ? 1 : 0;
