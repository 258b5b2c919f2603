import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ApiError, words } from '../../api/problem';
import { go, href, route } from '../../state/route';
import { Field, Page } from '../../ui/parts';
import { clock } from '../../ui/time';
import { say } from '../../ui/toast';
import { add, edit, job as read, type Job } from './api';
import { Changed } from './Changed';
import { draftOf, formOf, type Form } from './form';
import { mine, Owner } from './Owner';
import { PolicyFields } from './PolicyFields';
import { Explained, type Explanation } from './Explained';
import { ZoneField } from './ZoneField';

const Examples: [string, string][] = [
  ['weekdays at 9', '0 9 * * MON-FRI'], ['daily at 7:30', '30 7 * * *'], ['every 15 minutes', 'every 15m'], ['first Monday of the month', '0 9 * * MON#1'], ['last day of the month', '0 18 L * *'],
];

/** Makes a job, or changes one in place. What was typed stays until it is saved. */
export function JobForm({ job }: { job: Job | null }) {
  const base = useRef(job);
  const form = useSignal(formOf(job));
  const seen = useSignal<Explanation | null>(null);
  const wrong = useSignal<{ field: string | null; message: string } | null>(null);
  const theirs = useSignal<Job | null>(null);
  const saving = useSignal(false);
  const top = useRef<HTMLFormElement>(null);
  const set = (change: Partial<Form>) => { form.value = { ...form.value, ...change }; };

  useEffect(() => {
    if (!wrong.value) return;
    const field = top.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    field?.closest('details')?.setAttribute('open', '');
    field?.focus();
  }, [wrong.value]);

  const save = async (version: number | null) => {
    saving.value = true;
    wrong.value = null;
    // Who went elsewhere meanwhile stays there.
    const from = route.peek();
    const leave = (id: string) => { if (route.peek() === from) go('schedule', id); };
    try {
      const draft = draftOf(form.value);
      if (version === null) {
        const { job: made, existed } = await add(draft, form.value.id.trim() || null);
        say(existed ? `There was the very same job already: “${made.id}”. Nothing was added.` : `“${made.id}” is on the schedule.`);
        leave(made.id);
      } else {
        await edit(base.current!.id, draft, version);
        say(`“${base.current!.id}” is changed.`);
        leave(base.current!.id);
      }
    } catch (error) {
      if (error instanceof ApiError && error.code === 'job_changed') theirs.value = await read(base.current!.id).catch(() => null);
      wrong.value = { field: theirs.value ? 'version' : error instanceof ApiError ? (error.code === 'job_conflict' ? 'job_id' : error.field) : null, message: words(error) };
    } finally {
      saving.value = false;
    }
  };

  const at = (field: string) => wrong.value?.field === field ? wrong.value.message : null;
  const back = job ? href('schedule', job.id) : href('schedule');
  const placed = ['prompt', 'schedule', 'timezone', 'session_id', 'job_id', 'version'];
  return (
    <Page title={job ? `Edit ${job.id}` : 'New job'}>
      <Owner />
      {theirs.value && (
        <Changed mine={form.value} theirs={theirs.value}
          onMine={() => { base.current = theirs.value; theirs.value = null; void save(base.current!.version); }}
          onTheirs={() => { base.current = theirs.value; form.value = formOf(theirs.value); theirs.value = null; wrong.value = null; }} />
      )}
      <form ref={top} class="schedule-form" noValidate onSubmit={e => { e.preventDefault(); void save(base.current ? base.current.version : null); }}>
        <div class="panel stack">
          <Field label="Prompt" error={at('prompt')} hint="What the agent is told each time.">
            {control => <textarea {...control} class="input" dir="auto" rows={4} autofocus={!job} value={form.value.prompt} onInput={e => set({ prompt: e.currentTarget.value })} />}
          </Field>
          <Field label="Schedule" error={at('schedule') ?? (seen.value?.field === 'schedule' ? seen.value.error : null)}
            hint={<>A cron line (minute, hour, day, month, weekday), <code>@daily</code>, <code>every 1h30m</code>, or one time: <code>2027-03-01T09:00</code></>}>
            {control => <input {...control} class="input mono" autocomplete="off" spellcheck={false} value={form.value.schedule} onInput={e => set({ schedule: e.currentTarget.value })} />}
          </Field>
          <div class="row" role="group" aria-label="Examples">
            {Examples.map(([label, text]) => <button key={text} type="button" class="button small" onClick={() => set({ schedule: text })}>{label}</button>)}
            <button type="button" class="button small" onClick={() => set({ schedule: soon() })}>once, in an hour</button>
          </div>
          <ZoneField value={form.value.timezone} onChange={timezone => set({ timezone })} error={at('timezone') ?? (seen.value?.field === 'timezone' ? seen.value.error : null)} />
          <Field label="Conversation" error={at('session_id')} hint="Its turns go there and know what was said there. Empty: the agent's activity.">
            {control => <input {...control} class="input" autocomplete="off" spellcheck={false} value={form.value.session} onInput={e => set({ session: e.currentTarget.value })} />}
          </Field>
          {!job && (
            <Field label="Name" error={at('job_id')} hint="Letters, digits, dots, dashes and underscores. Empty: it gets one.">
              {control => <input {...control} class="input" autocomplete="off" spellcheck={false} value={form.value.id} onInput={e => set({ id: e.currentTarget.value })} />}
            </Field>
          )}
          <PolicyFields form={form} set={set} at={at} />
        </div>
        <aside class="panel stack" aria-label="What it means"><Explained schedule={form.value.schedule} timezone={form.value.timezone} seen={seen} /></aside>
        <div class="foot">
          {wrong.value && !placed.includes(wrong.value.field ?? '') && !wrong.value.field?.startsWith('policy.') && <div class="banner bad" role="alert"><p class="wrap">{wrong.value.message}</p></div>}
          <div class="row">
            <button class="button primary" disabled={saving.value || !mine.value || theirs.value !== null}>{job ? 'Save' : 'Put it on the schedule'}</button>
            <a class="button" href={back}>Cancel</a>
          </div>
        </div>
      </form>
    </Page>
  );
}

/** The next full minute in an hour, as an instant. */
function soon(): string {
  const at = new Date(Math.ceil((clock() + 3_600_000) / 60_000) * 60_000);
  return at.toISOString().replace(/\.000Z$/, 'Z');
}
