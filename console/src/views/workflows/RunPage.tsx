import { useSignal } from '@preact/signals';
import { useLoaded } from '../../state/loaded';
import { href } from '../../state/route';
import { confirm } from '../../ui/dialog';
import { Markdown } from '../../ui/markdown';
import { Badge, Field, Page, Shown } from '../../ui/parts';
import { span, Time } from '../../ui/time';
import { attempt } from '../../ui/toast';
import { cancel, oneRun, resume, workflow, type RecipeStep, type Run, type RunStep } from './api';
import { Graph } from './Graph';
import { runTone } from './Runs';

/** A run as it goes: where it is, what each step said, and what it waits for. */
export function RunPage({ id }: { id: string }) {
  const read = useLoaded(signal => oneRun(id, signal), [id], ['workflow', 'approval']);
  const recipe = useLoaded<RecipeStep[]>(signal => read.data ? workflow(read.data.workflow, signal).then(w => w.steps, () => []) : Promise.resolve([]), [read.data?.workflow]);
  const chosen = useSignal<string | null>(null);
  const stop = async () => {
    if (await confirm('Cancel this run?', 'What its steps did stays; what they did not do is not done.', 'Cancel the run') && await attempt(() => cancel(id), 'Cancelled.')) await read.again();
  };
  return (
    <Page title={read.data ? `A run of ${read.data.workflow}` : 'A run'} actions={(
      <>
        <a class="button" href="#/workflows/runs">Back</a>
        {read.data && (read.data.status === 'running' || read.data.status === 'waiting') && <button type="button" class="button danger" onClick={stop}>Cancel</button>}
        {read.data?.status === 'failed' && <button type="button" class="button primary" onClick={async () => { await attempt(() => resume(id, {})); await read.again(); }}>Go on with what is not done</button>}
      </>
    )}>
      <Shown of={read}>
        {run => {
          const steps = run.steps ?? [];
          const states = Object.fromEntries(steps.map(s => [s.id, s.status]));
          const drawn = (recipe.data ?? []).filter(s => states[s.id]);
          const step = steps.find(s => s.id === chosen.value);
          return (
            <>
              <div class="row" role="status"><Badge tone={runTone[run.status] ?? ''}>{run.status}</Badge><span class="soft">begun <Time at={run.started_at} how="full" /> by {run.origin}{run.finished_at && <>, took {span(Date.parse(run.finished_at) - Date.parse(run.started_at))}</>}</span></div>
              {run.error && <div class="banner bad"><p class="wrap">{run.error.message} <small class="mono">[{run.error.code}]</small></p></div>}
              {steps.filter(s => s.gate && s.gate.decision === null && s.status === 'waiting').map(s => <Gate key={s.id} run={run} step={s} again={read.again} />)}
              {drawn.length > 0 && <Graph steps={drawn} states={states} chosen={chosen.value} onChoose={name => { chosen.value = chosen.value === name ? null : name; }} />}
              {step ? <StepPanel step={step} /> : steps.map(s => <StepPanel key={s.id} step={s} />)}
              {run.output && <section class="panel"><h2>Its answer</h2><Markdown text={run.output} /></section>}
              {run.inputs && Object.keys(run.inputs).length > 0 && <details class="panel"><summary>What it was given</summary><pre class="wrap">{JSON.stringify(run.inputs, null, 2)}</pre></details>}
            </>
          );
        }}
      </Shown>
    </Page>
  );
}

function StepPanel({ step }: { step: RunStep }) {
  return (
    <details class="panel" open={step.status === 'failed'}>
      <summary class="row">
        <strong>{step.id}</strong><Badge tone={runTone[step.status] ?? ''}>{step.status}</Badge>
        {step.attempt > 1 && <small>attempt {step.attempt}</small>}
        {step.started_at && step.finished_at && <small>{span(Date.parse(step.finished_at) - Date.parse(step.started_at))}</small>}
      </summary>
      {step.error && <p class="wrap">{step.error.message} <small class="mono">[{step.error.code}]</small></p>}
      {step.gate?.decision && <p class="wrap">A person was asked “{step.gate.question}” and said <strong>{step.gate.decision}</strong>{step.gate.answer && `: ${step.gate.answer}`}.</p>}
      {step.output ? <Markdown text={step.output} /> : <p class="soft">It has said nothing yet.</p>}
      {step.session_id && <a href={href('chat', step.session_id)}>Read its conversation</a>}
    </details>
  );
}

function Gate({ run, step, again }: { run: Run; step: RunStep; again: () => Promise<void> }) {
  const answer = useSignal('');
  const decide = async (decision: 'approve' | 'deny') => {
    await attempt(() => resume(run.id, { step: step.id, decision, ...(answer.value.trim() ? { answer: answer.value.trim() } : {}) }));
    await again();
  };
  return (
    <section class="banner warn" aria-label={`${step.id} waits for you`}>
      <div class="grow stack">
        <div><strong>{step.id} waits for you.</strong> <Markdown text={step.gate!.question} /></div>
        {step.gate!.prompt && <details><summary>What it would do</summary><pre class="wrap">{step.gate!.prompt}</pre></details>}
        <Field label="Answer (may be empty)">
          {control => <textarea {...control} class="input" rows={2} value={answer.value} onInput={e => { answer.value = e.currentTarget.value; }} />}
        </Field>
        <div class="row"><button type="button" class="button primary" onClick={() => decide('approve')}>Let it begin</button><button type="button" class="button danger" onClick={() => decide('deny')}>Don’t</button></div>
      </div>
    </section>
  );
}
