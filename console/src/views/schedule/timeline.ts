import type { Page } from '../../api/http';
import type { Job, Run } from './api';
import { preview, runs } from './api';

export const Hour = 3_600_000;
export const Span = 24 * Hour;
/** Jobs whose runs and fires are asked for: those that are nearest. */
export const MostLanes = 24;
const MostRuns = 200;
const MostFires = 100;

/** One job's part of the two days. */
export interface Lane {
  job: Job;
  runs: Run[];
  /** There are earlier ones within the 24 hours. */
  moreRuns: boolean;
  /** Times to come. */
  fires: number[];
  /** There are more behind the last of them, within the 24 hours. */
  moreFires: boolean;
}

/** The jobs that had something to do in the last 24 hours, or have in the next; and how many more there are. */
export async function lanes(jobs: Job[], now: number, signal: AbortSignal): Promise<{ lanes: Lane[]; left: number }> {
  const touched = (j: Job) => j.last_fire !== null && Date.parse(j.last_fire) > now - Span;
  const near = (j: Job) => j.next_fire !== null && Date.parse(j.next_fire) < now + Span;
  // A run asked for by hand is no fire: a job that was changed lately is looked at too.
  const candidates = jobs.filter(j => touched(j) || near(j) || (j.last_status !== null && Date.parse(j.updated_at) > now - Span) || j.last_status === 'running')
    .sort((a, b) => distance(a, now) - distance(b, now));
  const shown = candidates.slice(0, MostLanes);
  const all = await Promise.all(shown.map(async job => {
    const [past, next] = await Promise.all([
      job.last_status === null ? { items: [], next: null } : ledger(job, signal),
      near(job) ? fires(job, now) : [],
    ]);
    const within = past.items.filter(r => Date.parse(r.due_at) > now - Span);
    const until = Math.min(now + Span, job.policy.end_at ? Date.parse(job.policy.end_at) : Infinity);
    const left = job.policy.max_runs === null ? Infinity : job.policy.max_runs - job.runs;
    const coming = next.filter(f => f <= until).slice(0, left);
    return {
      job, runs: within, moreRuns: past.next !== null && within.length === past.items.length,
      fires: coming, moreFires: next.length >= MostFires && coming.length === next.length,
    };
  }));
  return { lanes: all.filter(l => l.runs.length > 0 || l.fires.length > 0), left: candidates.length - shown.length };
}

function distance(job: Job, now: number): number {
  const of = (at: string | null) => at === null ? Infinity : Math.abs(Date.parse(at) - now);
  return Math.min(of(job.next_fire), of(job.last_fire));
}

/** Alike while nothing of a job changed that its lane shows. */
export const same = (j: Job) => [j.id, j.version, j.state, j.next_fire, j.last_fire, j.last_status, j.runs, j.updated_at].join('|');

/** What of the lanes lies within the two days around `from`: they were read a while ago. */
export function within(all: Lane[], from: number): Lane[] {
  const inside = (t: number) => t > from - Span && t < from + Span;
  return all.map(lane => {
    const kept = lane.runs.filter(r => inside(Date.parse(r.due_at)));
    const fires = lane.fires.filter(inside);
    return { ...lane, runs: kept, fires, moreRuns: lane.moreRuns && kept.length > 0 && kept.length === lane.runs.length, moreFires: lane.moreFires && fires.length > 0 };
  }).filter(l => l.runs.length > 0 || l.fires.length > 0);
}

const ledgers = new Map<string, Page<Run>>();

/** Asked for once as long as the job stays as it is: most others do when one changes. */
async function ledger(job: Job, signal: AbortSignal): Promise<Page<Run>> {
  const key = same(job);
  const read = ledgers.get(key) ?? await runs(job.id, null, MostRuns, signal);
  if (ledgers.size > 4 * MostLanes) ledgers.clear();
  // One that goes on may end without a word in its job, when others run beside it.
  if (read.items.every(r => r.finished_at !== null)) ledgers.set(key, read);
  return read;
}

const known = new Map<string, number[]>();

/** An interval counts from the job's own anchor, so it goes on from the fire that is known; for everything else the instance is asked. */
async function fires(job: Job, now: number): Promise<number[]> {
  const first = Date.parse(job.next_fire!);
  const period = interval(job.schedule);
  if (period) return Array.from({ length: MostFires }, (_, i) => first + i * period).filter(t => t <= now + Span);
  if (/^[0-9]{4}-/.test(job.schedule)) return [first];
  const key = `${job.schedule}|${job.timezone}|${job.next_fire}`;
  const asked = known.get(key) ?? (await preview(job.schedule, job.timezone, MostFires)).next.map(t => Date.parse(t));
  if (known.size > 200) known.clear();
  known.set(key, asked);
  return asked;
}

export function interval(schedule: string): number | null {
  const match = /^every (?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?$/.exec(schedule);
  return match && [86_400, 3_600, 60, 1].reduce((sum, size, i) => sum + Number(match[i + 1] ?? 0) * size, 0) * 1000;
}
