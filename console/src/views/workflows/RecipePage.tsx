import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { useLoaded } from '../../state/loaded';
import { go } from '../../state/route';
import { CodeEditor, Marks } from '../../ui/code';
import { confirm } from '../../ui/dialog';
import { Badge, Page, Trouble } from '../../ui/parts';
import { attempt, complain, say } from '../../ui/toast';
import { mayReplace, useUnsaved, type Known } from '../../ui/unsaved';
import { remove, save, workflow, type Problem, type RecipeStep, type Workflow } from './api';
import { Graph } from './Graph';
import { RunDialog } from './RunDialog';
import { Runs } from './Runs';

const Blank = `name: my-workflow
description: What it does.
inputs:
  topic: {type: string, description: What it is about.}
steps:
  - id: gather
    prompt: Gather what there is on {{inputs.topic}}.
  - id: write
    prompt: |
      Write three sentences from this:
      {{steps.gather.output}}
output: "{{steps.write.output}}"
`;

/** A recipe: its text with errors at their lines, its steps drawn, its runs. '+new' is one that is yet to be. */
export function RecipePage({ name }: { name: string }) {
  const isNew = name === '+new';
  const read = useLoaded<Workflow | null>(signal => isNew ? Promise.resolve(null) : workflow(name, signal), [name]);
  const text = useSignal(isNew ? Blank : '');
  const changed = useSignal(false);
  const problems = useSignal<Problem[]>([]);
  const steps = useSignal<RecipeStep[]>([]);
  const running = useSignal(false);
  const called = () => /^name:\s*["']?([\w-]+)/m.exec(text.value)?.[1] ?? (isNew ? 'unnamed' : name);

  const known = useRef<Known | null>(null);
  useUnsaved(() => changed.value);
  useEffect(() => {
    if (!read.data || changed.value) return;
    text.value = read.data.yaml ?? '';
    known.current = { name, text: text.value };
    problems.value = read.data.problems;
    steps.value = read.data.steps;
  }, [read.data]);

  // Looked at while it is written: what is wrong shows at its line, and the steps are drawn as they would be.
  useEffect(() => {
    if (!changed.value && !isNew) return;
    const timer = setTimeout(() => {
      save(called(), text.value, true).then(seen => {
        problems.value = seen.problems;
        if (seen.workflow) steps.value = seen.workflow.steps;
      }, complain);
    }, 400);
    return () => clearTimeout(timer);
  }, [text.value]);

  const store = async () => {
    try {
      const sent = text.value;
      const under = called();
      if (!await mayReplace('recipe', under, known.current, async of => (await workflow(of)).yaml ?? '')) return;
      const saved = await save(under, sent, false);
      problems.value = saved.problems;
      if (!saved.workflow) return;
      known.current = { name: saved.workflow.name, text: sent };
      say(`“${saved.workflow.name}” is saved.`);
      // Written on meanwhile: that is not saved, and stays.
      if (text.value !== sent) return;
      changed.value = false;
      if (saved.workflow.name !== name) go('workflows', saved.workflow.name);
      else await read.again();
    } catch (error) {
      complain(error);
    }
  };
  const drop = async () => {
    if (await confirm(`Delete “${name}”?`, 'Its runs stay as they are.', 'Delete') && await attempt(() => remove(name), 'Deleted.')) {
      changed.value = false;
      go('workflows');
    }
  };
  const its = read.data;

  return (
    <Page title={isNew ? 'A new recipe' : name} actions={(
      <>
        <a class="button" href="#/workflows">Back</a>
        {its?.source === 'own' && <button type="button" class="button danger" onClick={drop}>Delete</button>}
        <button type="button" class="button" disabled={!isNew && !changed.value} onClick={store}>Save</button>
        {!isNew && <button type="button" class="button primary" disabled={changed.value || problems.value.length > 0 || !its} onClick={() => { running.value = true; }}>Run</button>}
      </>
    )}>
      {read.error !== null && <Trouble error={read.error} again={() => void read.again()} />}
      {its && <div class="row"><Badge tone={its.source === 'own' ? 'accent' : ''}>{its.source}</Badge>{its.source === 'bundled' && <small>It comes with the program. What you save under its name takes its place.</small>}{its.path && <small class="mono wrap">{its.path}</small>}</div>}
      <div class="workflows-two">
        <div class="stack">
          <CodeEditor label="Recipe (YAML)" value={text.value} marks={problems.value} onChange={value => { text.value = value; changed.value = true; }} />
          <Marks marks={problems.value} />
        </div>
        <div class="stack">
          <h2>Steps</h2>
          {steps.value.length > 0 ? <Graph steps={steps.value} /> : <p class="soft">They are drawn when the recipe can be read.</p>}
        </div>
      </div>
      {!isNew && <section class="stack"><h2>Runs</h2><Runs workflow={name} /></section>}
      {running.value && its && <RunDialog of={its} onClose={() => { running.value = false; }} />}
    </Page>
  );
}
