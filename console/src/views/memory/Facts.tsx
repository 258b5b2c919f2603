import { useSignal } from '@preact/signals';
import { words } from '../../api/problem';
import { useLoaded } from '../../state/loaded';
import { confirm, Dialog } from '../../ui/dialog';
import { Badge, Empty, Field, focusHeading, Shown } from '../../ui/parts';
import { Time } from '../../ui/time';
import { attempt, say } from '../../ui/toast';
import { addFact, changeFact, dropFact, facts, type Fact } from './api';

/** Facts that stand before every conversation. Short: each turn pays for them. */
export function Facts() {
  const read = useLoaded(facts, [], ['memory', 'knowledge']);
  const editing = useSignal<Fact | 'new' | null>(null);
  const drop = async (of: Fact) => {
    if (await confirm('Forget this fact?', of.content, 'Forget') && await attempt(() => dropFact(of.id), 'Forgotten.')) {
      await read.again();
      // The button that was pressed is gone.
      focusHeading();
    }
  };
  return (
    <>
      <div class="row between">
        <p class="soft">Every conversation begins with these. Keep them few and short.</p>
        <button type="button" class="button primary" onClick={() => { editing.value = 'new'; }}>Add a fact</button>
      </div>
      <Shown of={read}>
        {page => page.items.length === 0 ? <Empty title="Nothing is always in mind">Add what the agent should know in every conversation: your name, how you like its answers, what it looks after.</Empty> : (
          <ul class="stack" style={{ listStyle: 'none', margin: 0, padding: 0 }}>
            {page.items.map(of => (
              <li key={of.id} class="panel row">
                <div class="grow">
                  {of.heading && <strong class="wrap">{of.heading}</strong>}
                  <p class="wrap" style={{ margin: 0 }}>{of.content}</p>
                  <small class="row"><Badge tone={of.trust === 'operator' ? 'good' : 'accent'}>{of.trust}</Badge>{of.source && <span class="wrap">from {of.source}</span>}<Time at={of.updated_at} /></small>
                </div>
                <button type="button" class="button small" onClick={() => { editing.value = of; }} aria-label={`Change: ${of.content.slice(0, 60)}`}>Change</button>
                <button type="button" class="button small danger" onClick={() => drop(of)} aria-label={`Forget: ${of.content.slice(0, 60)}`}>Forget</button>
              </li>
            ))}
          </ul>
        )}
      </Shown>
      {editing.value && <FactDialog fact={editing.value === 'new' ? null : editing.value} onClose={() => { editing.value = null; }} onSaved={() => void read.again()} />}
    </>
  );
}

function FactDialog({ fact, onClose, onSaved }: { fact: Fact | null; onClose: () => void; onSaved: () => void }) {
  const content = useSignal(fact?.content ?? '');
  const heading = useSignal(fact?.heading ?? '');
  const error = useSignal<string | null>(null);
  const submit = async (e: Event) => {
    e.preventDefault();
    try {
      await (fact ? changeFact(fact.id, content.value, heading.value) : addFact(content.value, heading.value));
      say('The next conversation begins with it.');
      onSaved();
      onClose();
    } catch (problem) {
      error.value = words(problem);
    }
  };
  return (
    <Dialog title={fact ? 'Change the fact' : 'Add a fact'} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <Field label="Fact" error={error.value}>
          {control => <textarea {...control} class="input" rows={3} required autofocus value={content.value} onInput={e => { content.value = e.currentTarget.value; }} />}
        </Field>
        <Field label="Heading" hint="May be empty.">
          {control => <input {...control} class="input" value={heading.value} onInput={e => { heading.value = e.currentTarget.value; }} />}
        </Field>
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>Cancel</button>
          <button class="button primary" disabled={content.value.trim() === ''}>Save</button>
        </div>
      </form>
    </Dialog>
  );
}
