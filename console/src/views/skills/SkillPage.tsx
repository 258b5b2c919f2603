import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ApiError, words } from '../../api/problem';
import { useLoaded } from '../../state/loaded';
import { go } from '../../state/route';
import { CodeEditor, Marks, type Mark } from '../../ui/code';
import { confirm } from '../../ui/dialog';
import { Badge, Page, Spinner, Trouble } from '../../ui/parts';
import { attempt, say } from '../../ui/toast';
import { mayReplace, useUnsaved, type Known } from '../../ui/unsaved';
import { promote, remove, save, skill, type WholeSkill } from './api';
import { sourceTone } from './Skills';

const Blank = `---
name: my-skill
description: What it does, and when to use it.
---

1. First, …
`;

/** One skill with its text: written, changed, lifted to the box, deleted. '+new' is one that is yet to be. */
export function SkillPage({ name }: { name: string }) {
  const isNew = name === '+new';
  const read = useLoaded<WholeSkill | null>(signal => isNew ? Promise.resolve(null) : skill(name, signal), [name]);
  const text = useSignal(isNew ? Blank : '');
  const changed = useSignal(false);
  const marks = useSignal<Mark[]>([]);
  const known = useRef<Known | null>(null);
  useUnsaved(() => changed.value);
  useEffect(() => {
    if (!read.data || changed.value) return;
    text.value = read.data.text;
    known.current = { name, text: read.data.text };
  }, [read.data]);
  const its = read.data?.skill;
  const readOnly = its !== undefined && its.source !== 'own' && its.source !== 'commons';

  const store = async () => {
    const sent = text.value;
    const called = /^name:\s*["']?([^"'\n]+?)["']?\s*$/m.exec(sent)?.[1] ?? '';
    if (called === '') {
      marks.value = [{ line: null, message: 'The front matter has no name.' }];
      return;
    }

    try {
      if (!await mayReplace('skill', called, known.current, async of => (await skill(of)).text)) return;
      await save(called, sent);
      marks.value = [];
      known.current = { name: called, text: sent };
      say(`“${called}” is saved. The next question is answered with it.`);
      // Written on meanwhile: that is not saved, and stays.
      if (text.value !== sent) return;
      changed.value = false;
      if (called !== name) go('skills', called);
      else await read.again();
    } catch (error) {
      const line = /line (\d+)/.exec(words(error))?.[1];
      marks.value = [{ line: line ? Number(line) : null, message: words(error) }];
    }
  };
  const drop = async () => {
    if (await confirm(`Delete “${name}”?`, 'Its folder goes, with all files in it.', 'Delete') && await attempt(() => remove(name), 'Deleted.')) {
      changed.value = false;
      go('skills');
    }
  };
  const lift = async () => {
    try {
      await promote(name, false);
      say('The box has it now: every instance that reads the commons can use it.');
    } catch (error) {
      if (error instanceof ApiError && error.code === 'skill_exists' && await confirm('Replace what the box has?', error.message, 'Replace')) {
        await attempt(() => promote(name, true), 'Replaced.');
      } else if (!(error instanceof ApiError && error.code === 'skill_exists')) {
        await attempt(() => Promise.reject(error));
      }
    }
    await read.again();
  };

  return (
    <Page title={isNew ? 'A new skill' : name} actions={(
      <>
        <a class="button" href="#/skills">Back</a>
        {its?.source === 'own' && <><button type="button" class="button" onClick={lift}>Share with the box</button><button type="button" class="button danger" onClick={drop}>Delete</button></>}
        {!readOnly && <button type="button" class="button primary" disabled={!isNew && !changed.value} onClick={store}>Save</button>}
      </>
    )}>
      {read.error !== null && <Trouble error={read.error} again={() => void read.again()} />}
      {its && (
        <div class="row">
          <Badge tone={sourceTone[its.source]}>{its.source}</Badge>
          {its.tools.length > 0 && <small>works with {its.tools.join(', ')}</small>}
          <small class="mono wrap">{its.file}</small>
          {readOnly && <small>It comes with the program and can’t be changed; a skill of your own with its name takes its place.</small>}
        </div>
      )}
      <Marks marks={marks.value} />
      {read.loading && !isNew && read.data === null ? <Spinner />
        : <CodeEditor label="SKILL.md" value={text.value} readOnly={readOnly} marks={marks.value} onChange={value => { text.value = value; changed.value = true; }} />}
      {read.data && read.data.file_count > 0 && (
        <details class="panel"><summary>{read.data.file_count} {read.data.file_count === 1 ? 'file' : 'files'} beside it</summary><ul>{read.data.files.map(f => <li key={f} class="mono wrap">{f}</li>)}</ul></details>
      )}
    </Page>
  );
}
