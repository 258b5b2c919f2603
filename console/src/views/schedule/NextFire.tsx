import { ago, inZone, now, Time } from '../../ui/time';
import type { Job } from './api';
import { sameClock } from './words';

/** When it is due next: here, how far away that is, and what the clocks of its own zone show then. */
export function NextFire({ job }: { job: Job }) {
  if (!job.next_fire) return <span class="soft">{job.state === 'active' ? 'nothing to come' : `none while ${job.state}`}</span>;
  return (
    <>
      <Time at={job.next_fire} /> <span class="soft">({Date.parse(job.next_fire) <= now.value ? 'due now' : ago(job.next_fire)})</span>
      {!sameClock(job.timezone, job.next_fire) && <><br /><small>{inZone(job.next_fire, job.timezone)} there</small></>}
    </>
  );
}
