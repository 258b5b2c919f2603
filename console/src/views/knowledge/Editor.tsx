import { useSignal } from '@preact/signals';
import { words } from '../../api/problem';
import { Dialog } from '../../ui/dialog';
import { Field } from '../../ui/parts';
import { say } from '../../ui/toast';
import { add, change, type Chunk, type Draft } from './api';

/** Writes a chunk or changes one. What could not be saved stays as it was typed. */
export function Editor({ chunk, onClose, onSaved }: { chunk?: Chunk; onClose: () => void; onSaved: (saved: Chunk) => void }) {
  const draft = useSignal<Draft>({
    content: chunk?.content ?? '', heading: chunk?.heading ?? '', domain: chunk?.domain ?? '', namespace: chunk?.namespace ?? '', trust: chunk?.trust ?? 'operator',
  });
  const error = useSignal<string | null>(null);
  const saving = useSignal(false);
  const set = (part: Partial<Draft>) => { draft.value = { ...draft.value, ...part }; };
  const submit = async (e: Event) => {
    e.preventDefault();
    saving.value = true;
    error.value = null;
    try {
      const saved = chunk ? await change(chunk.id, draft.value) : await add(draft.value);
      say(saved.outcome === 'duplicate' ? 'That was known already.' : saved.outcome === 'revised' ? 'Saved; it took the place of an earlier note.' : 'Saved.');
      onSaved(saved);
      onClose();
    } catch (problem) {
      error.value = words(problem);
    } finally {
      saving.value = false;
    }
  };

  return (
    <Dialog title={chunk ? 'Change the chunk' : 'Add a note'} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <Field label="Content" error={error.value}>
          {control => <textarea {...control} class="input" rows={8} required autofocus value={draft.value.content} onInput={e => set({ content: e.currentTarget.value })} />}
        </Field>
        <Field label="Heading" hint="A few words that stand for it.">
          {control => <input {...control} class="input" value={draft.value.heading} onInput={e => set({ heading: e.currentTarget.value })} />}
        </Field>
        <div class="row">
          <div class="grow"><Field label="Domain" hint="Empty: the usual one.">
            {control => <input {...control} class="input" value={draft.value.domain} onInput={e => set({ domain: e.currentTarget.value })} />}
          </Field></div>
          <div class="grow"><Field label="Trust" hint="Whose word it is.">
            {control => (
              <select {...control} class="input" value={draft.value.trust} onChange={e => set({ trust: e.currentTarget.value })}>
                <option value="operator">operator</option><option value="agent">agent</option><option value="external">external</option>
              </select>
            )}
          </Field></div>
        </div>
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>Cancel</button>
          <button class="button primary" disabled={saving.value || draft.value.content.trim() === ''}>Save</button>
        </div>
      </form>
    </Dialog>
  );
}
