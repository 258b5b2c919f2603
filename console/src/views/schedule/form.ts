import type { Draft, Job, Policy } from './api';
import { Defaults, localZone } from './words';

/** What stands in the form: text, as it is typed. */
export interface Form {
  id: string;
  prompt: string;
  schedule: string;
  timezone: string;
  session: string;
  missed: Policy['missed'];
  missed_window_seconds: string;
  overlap: Policy['overlap'];
  retries: string;
  retry_backoff_seconds: string;
  jitter_seconds: string;
  end_at: string;
  max_runs: string;
  pause_after_failures: string;
}

export function formOf(job: Job | null): Form {
  const policy = job?.policy ?? Defaults;
  return {
    id: '', prompt: job?.prompt ?? '', schedule: job?.schedule ?? '', timezone: job?.timezone ?? localZone, session: job?.session_id ?? '',
    missed: policy.missed, missed_window_seconds: String(policy.missed_window_seconds), overlap: policy.overlap, retries: String(policy.retries),
    retry_backoff_seconds: String(policy.retry_backoff_seconds), jitter_seconds: String(policy.jitter_seconds), end_at: policy.end_at ?? '',
    max_runs: policy.max_runs === null ? '' : String(policy.max_runs), pause_after_failures: String(policy.pause_after_failures),
  };
}

/** What is left empty is as usual. */
export function draftOf(form: Form): Draft {
  const number = (name: 'missed_window_seconds' | 'retries' | 'retry_backoff_seconds' | 'jitter_seconds' | 'max_runs' | 'pause_after_failures') =>
    form[name].trim() === '' ? {} : { [name]: Number(form[name]) };
  return {
    prompt: form.prompt, schedule: form.schedule.trim(), timezone: form.timezone.trim() || 'UTC', session_id: form.session.trim() || null,
    policy: {
      missed: form.missed, overlap: form.overlap, ...number('missed_window_seconds'), ...number('retries'), ...number('retry_backoff_seconds'), ...number('jitter_seconds'),
      ...number('max_runs'), ...number('pause_after_failures'), ...(form.end_at.trim() ? { end_at: form.end_at.trim() } : {}),
    },
  };
}

const Names: Partial<Record<keyof Form, string>> = { prompt: 'Prompt', schedule: 'Schedule', timezone: 'Time zone', session: 'Conversation' };

export interface Difference {
  name: string;
  mine: string;
  theirs: string;
}

/** Where two forms of one job are not the same. */
export function differences(mine: Form, theirs: Form): Difference[] {
  return (Object.keys(mine) as (keyof Form)[]).filter(k => k !== 'id' && mine[k].trim() !== theirs[k].trim())
    .map(k => ({ name: Names[k] ?? `Policy: ${k.replaceAll('_', ' ')}`, mine: mine[k], theirs: theirs[k] }));
}
