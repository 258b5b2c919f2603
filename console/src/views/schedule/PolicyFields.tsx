import type { Signal } from '@preact/signals';
import { Field } from '../../ui/parts';
import type { Policy } from './api';
import type { Form } from './form';
import { Missed, Overlap, seconds } from './words';

type Numeric = 'missed_window_seconds' | 'retries' | 'retry_backoff_seconds' | 'jitter_seconds' | 'max_runs' | 'pause_after_failures';

/** What is rarely changed. Left empty, a field is as usual. */
export function PolicyFields({ form, set, at }: { form: Signal<Form>; set: (change: Partial<Form>) => void; at: (field: string) => string | null }) {
  const of = form.value;
  const numeric = (name: Numeric, label: string, hint: string) => (
    <Field label={label} hint={spoken(name, of[name]) ?? hint} error={at(`policy.${name}`)}>
      {control => <input {...control} class="input" type="number" min="0" step={name.endsWith('seconds') ? 'any' : '1'} value={of[name]} onInput={e => set({ [name]: e.currentTarget.value })} />}
    </Field>
  );
  return (
    <details class="schedule-policy">
      <summary>Absences, overlaps, failures, an end</summary>
      <div class="grid">
        <Field label="Due while nobody was there" error={at('policy.missed')}>
          {control => <select {...control} class="input" value={of.missed} onChange={e => set({ missed: e.currentTarget.value as Policy['missed'] })}>{Object.entries(Missed).map(([k, v]) => <option key={k} value={k}>{v}</option>)}</select>}
        </Field>
        {numeric('missed_window_seconds', 'Made up for until (seconds late)', 'What is older is only noted.')}
        <Field label="Due while it still runs" error={at('policy.overlap')}>
          {control => <select {...control} class="input" value={of.overlap} onChange={e => set({ overlap: e.currentTarget.value as Policy['overlap'] })}>{Object.entries(Overlap).map(([k, v]) => <option key={k} value={k}>{v}</option>)}</select>}
        </Field>
        {numeric('jitter_seconds', 'Begins later than due, by up to (seconds)', 'So that many jobs don’t begin at once.')}
        {numeric('retries', 'A failure is tried again (times)', '0: not at all.')}
        {numeric('retry_backoff_seconds', 'First again after (seconds)', 'The wait doubles with each.')}
        {numeric('pause_after_failures', 'Pause after failures in a row', '0: never.')}
        {numeric('max_runs', 'Ends after fires', 'Empty: never.')}
        <Field label="Ends at" error={at('policy.end_at')} hint="One time, such as 2027-03-01T09:00. Empty: never.">
          {control => <input {...control} class="input mono" autocomplete="off" value={of.end_at} onInput={e => set({ end_at: e.currentTarget.value })} />}
        </Field>
      </div>
    </details>
  );
}

function spoken(name: Numeric, value: string): string | null {
  return name.endsWith('seconds') && Number(value) >= 60 ? `That is ${seconds(Number(value))}.` : null;
}
