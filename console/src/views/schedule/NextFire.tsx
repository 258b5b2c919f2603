import { ago, inZone, now, Passing, Time } from '../../ui/time';
import type { Job } from './api';
import { sameClock } from './words';

const away = (at: string) => Date.parse(at) <= now.value ? 'due now' : ago(at);

/** When it is due next: here, how far away that is, and what the clocks of its own zone show then. */
export function NextFire({ job }: { job: Job }) {
  if (!job.next_fire) return <span class="soft">{job.state === 'active' ? 'nothing to come' : `none while ${job.state}`}</span>;
  return (
    <>
      <Time at={job.next_fire} /> <span class="soft">(<Passing at={job.next_fire} words={away} />)</span>
      {!sameClock(job.timezone, job.next_fire) && <><br /><small>{inZone(job.next_fire, job.timezone)} there</small></>}
    </>
  );
}
