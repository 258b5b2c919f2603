import type { Tone } from '../../ui/parts';
import { format } from '../../ui/time';
import type { Job, Policy, Run } from './api';

export const runTone: Record<string, Tone> = { done: 'good', failed: 'bad', missed: 'warn', skipped: '', running: 'accent', claimed: 'accent' };
export const stateTone: Record<Job['state'], Tone> = { active: 'good', paused: 'warn', ended: '' };

/** Why a due time came to what it came to, said in full; what isn't known here is said as it is. */
const Reasons: Record<string, string> = {
  paused: 'the job was paused',
  edited: 'the schedule was changed when it was due',
  overlap: 'the run before it was not over yet',
  superseded: 'a later due time of the same absence stands for it',
  too_late: 'nobody was there until it was too late, by its policy',
  cancelled: 'somebody cancelled its turn',
  crash_loop: 'processes kept dying in it',
  run_now: 'asked for by hand',
};

const States: Record<string, string> = {
  paused: 'by a person',
  failures: 'too many failures in a row',
  completed: 'its schedule has nothing more to come',
  max_runs: 'it fired as often as it may',
  end_at: 'its end has come',
  crash_loop: 'processes kept dying in its run',
};

/** Why it is paused or ended. */
export const rest = (job: Job) => job.paused_reason ? States[job.paused_reason] ?? job.paused_reason : null;

export const reason = (run: Run) => run.reason ? Reasons[run.reason] ?? run.reason : null;

export const Missed: Record<Policy['missed'], string> = {
  fire_once: 'Fire once for the latest', fire_all: 'Fire for each of them', skip: 'Leave them out',
};
export const Overlap: Record<Policy['overlap'], string> = {
  skip: 'Leave it out', queue_one: 'Let one wait behind it', parallel: 'Run beside it',
};

export const Defaults: Policy = {
  missed: 'fire_once', missed_window_seconds: 86_400, overlap: 'skip', retries: 3, retry_backoff_seconds: 30, jitter_seconds: 0, end_at: null, max_runs: null, pause_after_failures: 0,
};

/** What a policy has that is not as usual. */
export function unusual(policy: Policy): string[] {
  const said: string[] = [];
  if (policy.missed !== Defaults.missed) said.push(`due while nobody was there: ${Missed[policy.missed].toLowerCase()}`);
  if (policy.missed_window_seconds !== Defaults.missed_window_seconds) said.push(`made up for up to ${seconds(policy.missed_window_seconds)} later`);
  if (policy.overlap !== Defaults.overlap) said.push(`due while it still runs: ${Overlap[policy.overlap].toLowerCase()}`);
  if (policy.retries !== Defaults.retries || policy.retry_backoff_seconds !== Defaults.retry_backoff_seconds) {
    said.push(policy.retries === 0 ? 'a failure is not tried again' : `a failure is tried again ${policy.retries} times, first after ${seconds(policy.retry_backoff_seconds)}`);
  }

  if (policy.jitter_seconds > 0) said.push(`begins up to ${seconds(policy.jitter_seconds)} later than due`);
  if (policy.end_at) said.push(`ends at ${new Date(policy.end_at).toLocaleString()}`);
  if (policy.max_runs !== null) said.push(`ends after ${policy.max_runs} fires`);
  if (policy.pause_after_failures > 0) said.push(`pauses after ${policy.pause_after_failures} failures in a row`);
  return said;
}

export function seconds(s: number): string {
  for (const [size, unit] of [[86_400, 'day'], [3_600, 'hour'], [60, 'minute']] as const) {
    if (s >= size && s % size === 0) return `${s / size} ${unit}${s === size ? '' : 's'}`;
  }

  return `${s} seconds`;
}

export const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

/** As the clocks there and here read now. */
export function sameClock(zone: string, at: string): boolean {
  try {
    const show = (timeZone: string) => format({ dateStyle: 'short', timeStyle: 'medium', timeZone }, 'en').format(new Date(at));
    return zone === localZone || show(zone) === show(localZone);
  } catch {
    return false;
  }
}
