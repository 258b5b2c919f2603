import type { Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiError, words } from '../../api/problem';
import { inZone, Time } from '../../ui/time';
import { preview, type Preview } from './api';
import { describe } from './describe';
import { sameClock } from './words';

export interface Explanation {
  preview: Preview | null;
  /** What the instance says of it, and the field it means. */
  error: string | null;
  field: string | null;
}

const Fires = 5;

/** What a schedule means, while it is typed: in words, and when it would fire next. The instance itself reads it. */
export function Explained({ schedule, timezone, seen }: { schedule: string; timezone: string; seen: Signal<Explanation | null> }) {
  useEffect(() => {
    if (schedule.trim() === '') {
      seen.value = null;
      return;
    }

    let current = true;
    const timer = setTimeout(async () => {
      const told = await preview(schedule, timezone.trim(), Fires).then(
        p => ({ preview: p, error: null, field: null }),
        error => ({ preview: null, error: words(error), field: error instanceof ApiError ? error.field : null }));
      if (!current) return;
      seen.value = told;
    }, 250);
    return () => { current = false; clearTimeout(timer); };
  }, [schedule, timezone]);

  const told = seen.value;
  return (
    <>
      <h2>What it means</h2>
      <div aria-live="polite" class="stack">
        {schedule.trim() === '' ? <p class="soft">Write a schedule: here stands what it means, and when it would fire.</p>
          : !told ? <p class="soft">Reading…</p>
          : told.preview ? <Meaning told={told.preview} /> : <p class="soft">{told.field ? 'It can’t be read yet; the field says why.' : told.error}</p>}
      </div>
    </>
  );
}

function Meaning({ told }: { told: Preview }) {
  const there = told.next[0] !== undefined && !sameClock(told.timezone, told.next[0]);
  return (
    <>
      <p class="wrap"><strong data-test="words">{describe(told.schedule) ?? told.schedule}</strong><br /><small>as {told.timezone} has it{told.recurs ? '' : '; it fires once'}</small></p>
      {told.next.length === 0 ? <p class="schedule-error">That time is past: it would never fire.</p> : (
        <div class="scroll-x">
          <table class="table schedule-fires">
            <caption>{told.next.length === 1 ? 'It would fire' : `The next ${told.next.length} times`}</caption>
            <thead><tr><th scope="col">Here</th>{there && <th scope="col">In {told.timezone}</th>}</tr></thead>
            <tbody>{told.next.map(t => <tr key={t}><td><Fire at={t} /></td>{there && <td>{inZone(t, told.timezone)}</td>}</tr>)}</tbody>
          </table>
        </div>
      )}
    </>
  );
}

const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });

function Fire({ at }: { at: string }) {
  return <>{weekday.format(new Date(at))} <Time at={at} /></>;
}
