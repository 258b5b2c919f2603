import { get, pages, send, url, type Page } from '../../api/http';

export interface Policy {
  missed: 'fire_once' | 'fire_all' | 'skip';
  missed_window_seconds: number;
  overlap: 'skip' | 'queue_one' | 'parallel';
  retries: number;
  retry_backoff_seconds: number;
  jitter_seconds: number;
  end_at: string | null;
  max_runs: number | null;
  pause_after_failures: number;
}

export interface Job {
  id: string;
  prompt: string;
  schedule: string;
  timezone: string;
  session_id: string | null;
  state: 'active' | 'paused' | 'ended';
  enabled: boolean;
  paused_reason: string | null;
  next_fire: string | null;
  last_fire: string | null;
  last_status: string | null;
  /** Fires of the schedule; those asked for by hand don't count. */
  runs: number;
  consecutive_failures: number;
  policy: Policy;
  created_at: string;
  updated_at: string;
  version: number;
}

/** A due time and what became of it. */
export interface Run {
  id: string;
  job_id: string;
  due_at: string;
  claimed_at: string | null;
  started_at: string | null;
  finished_at: string | null;
  status: 'claimed' | 'running' | 'done' | 'failed' | 'missed' | 'skipped';
  reason: string | null;
  attempt: number;
  crashes: number;
  retry_at: string | null;
  turn_id: string | null;
  error: string | null;
}

export interface Preview {
  /** In the one way of writing a job would keep. */
  schedule: string;
  timezone: string;
  recurs: boolean;
  next: string[];
}

/** What is sent of a job. */
export interface Draft {
  prompt: string;
  schedule: string;
  timezone: string;
  session_id: string | null;
  policy: Partial<Policy>;
}

const of = (id: string) => `/api/scheduler/jobs/${encodeURIComponent(id)}`;
const answered = <T>(answer: Promise<{ job: T }>) => answer.then(a => a.job);

export const jobs = (signal?: AbortSignal) => pages<Job>(20, cursor => get<Page<Job>>(url('/api/scheduler/jobs', { limit: 500, cursor }), signal));
export const job = (id: string, signal?: AbortSignal) => answered(get<{ job: Job }>(of(id), signal));
export const add = (draft: Draft, id: string | null) => send<{ job: Job; existed?: boolean }>('POST', '/api/scheduler/jobs', { ...draft, ...(id ? { job_id: id } : {}) });
export const edit = (id: string, draft: Draft, version: number) => answered(send<{ job: Job }>('PUT', of(id), { ...draft, version }));
export const pause = (id: string) => send('POST', `${of(id)}/pause`);
export const resume = (id: string) => send('POST', `${of(id)}/resume`);
export const runNow = (id: string) => send<{ run: Run }>('POST', `${of(id)}/run`);
export const remove = (id: string) => send('DELETE', of(id));
export const runs = (id: string, cursor: string | null, limit: number, signal?: AbortSignal) => get<Page<Run>>(url(`${of(id)}/runs`, { cursor, limit }), signal);
export const preview = (schedule: string, timezone: string, count: number) => send<Preview>('POST', '/api/scheduler/preview', { schedule, timezone, count });
