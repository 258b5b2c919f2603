import './schedule.css';
import { useSignal } from '@preact/signals';
import { useLoaded } from '../../state/loaded';
import { href, route } from '../../state/route';
import { Empty, Page, Shown } from '../../ui/parts';
import { jobs } from './api';
import { JobForm } from './JobForm';
import { JobPage } from './JobPage';
import { Jobs } from './Jobs';
import { mine, Owner } from './Owner';
import { Timeline } from './Timeline';

/** What is done when, and what became of each time it was due. */
export default function Schedule() {
  const [first, second] = route.value.rest;
  if (first === '+new') return <JobForm job={null} />;
  if (first) return <JobPage key={first} id={first} editing={second === 'edit'} />;
  return <All />;
}

function All() {
  const wanted = useSignal('');
  const read = useLoaded(signal => jobs(signal), [], ['job', 'scheduler']);
  return (
    <Page title="Schedule" actions={mine.value
      ? <a class="button primary" href={href('schedule', '+new')}>New job</a>
      : <button type="button" class="button" disabled title="Another process holds the schedule, or nobody does">New job</button>}>
      <Owner />
      <Shown of={read}>
        {page => page.items.length === 0 ? (
          <Empty title="No job yet">
            A job is a prompt and when to send it. Make one here, ask the agent to remind you of something, or write <code>protoagent jobs add</code>.
          </Empty>
        ) : (
          <>
            <Timeline jobs={page.items} />
            <section class="stack" aria-labelledby="schedule-jobs">
              <div class="row between">
                <h2 id="schedule-jobs">Jobs</h2>
                {page.items.length > 8 && (
                  <input class="input schedule-find" type="search" dir="auto" aria-label="Find a job" placeholder="Find a job" value={wanted.value} onInput={e => { wanted.value = e.currentTarget.value; }} />
                )}
              </div>
              <Jobs all={page.items} wanted={wanted.value} />
              {page.next !== null && <small>There are more jobs than these {page.items.length}; the others are neither shown nor searched.</small>}
            </section>
          </>
        )}
      </Shown>
    </Page>
  );
}
