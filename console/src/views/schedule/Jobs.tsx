import { href } from '../../state/route';
import { Badge, Empty } from '../../ui/parts';
import { Time } from '../../ui/time';
import type { Job } from './api';
import { describe } from './describe';
import { NextFire } from './NextFire';
import { rest, runTone, stateTone } from './words';

export function Jobs({ jobs, wanted }: { jobs: Job[]; wanted: string }) {
  if (jobs.length === 0) return <Empty title={wanted ? `No job has “${wanted}”` : 'No more jobs'} />;
  return (
    <ul class="schedule-jobs">
      {jobs.map(job => (
        <li key={job.id} class="panel">
          <div class="what">
            <div class="row"><a href={href('schedule', job.id)} class="wrap"><strong>{job.id}</strong></a>
              {job.state !== 'active' && <Badge tone={stateTone[job.state]}>{job.state}{rest(job) && `: ${rest(job)}`}</Badge>}
              {job.consecutive_failures > 1 && <Badge tone="bad">{job.consecutive_failures} failures in a row</Badge>}
            </div>
            <p class="wrap clamp">{job.prompt}</p>
            <small class="wrap"><code>{job.schedule}</code> {describe(job.schedule) ?? ''} {job.timezone}{job.session_id && <>, in the conversation <a href={href('chat', job.session_id)}>{job.session_id}</a></>}</small>
          </div>
          <dl class="when">
            <div><dt>Next</dt><dd><NextFire job={job} /></dd></div>
            <div><dt>Last</dt><dd>{job.last_status ? <><Badge tone={runTone[job.last_status] ?? ''}>{job.last_status}</Badge> {job.last_fire && <Time at={job.last_fire} how="ago" />}</> : <span class="soft">never</span>}</dd></div>
          </dl>
        </li>
      ))}
    </ul>
  );
}
