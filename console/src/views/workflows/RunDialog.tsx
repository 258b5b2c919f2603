import { useSignal } from '@preact/signals';
import { words } from '../../api/problem';
import { go } from '../../state/route';
import { Dialog } from '../../ui/dialog';
import { Field } from '../../ui/parts';
import { start, type Input, type Workflow } from './api';

/** Asks for the inputs, each as its type is, and runs it. */
export function RunDialog({ of, onClose }: { of: Workflow; onClose: () => void }) {
  const given = useSignal<Record<string, string>>(Object.fromEntries(of.inputs.map(i => [i.name, shown(i)])));
  const error = useSignal<string | null>(null);
  const submit = async (e: Event) => {
    e.preventDefault();
    try {
      const inputs = Object.fromEntries(of.inputs.filter(i => given.value[i.name] !== '').map(i => [i.name, read(i, given.value[i.name]!)]));
      const { run_id } = await start(of.name, inputs);
      onClose();
      go('workflows', 'runs', run_id);
    } catch (problem) {
      error.value = words(problem);
    }
  };
  const set = (name: string, value: string) => { given.value = { ...given.value, [name]: value }; };
  return (
    <Dialog title={`Run ${of.name}`} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        {of.inputs.length === 0 && <p>It takes no inputs.</p>}
        {of.inputs.map((input, i) => (
          <Field key={input.name} label={`${input.name}${input.required ? '' : ' (may be empty)'}`} hint={[input.description, input.type === 'list' ? 'One entry a line.' : ''].filter(Boolean).join(' ')}>
            {control => input.type === 'boolean'
              ? <select {...control} class="input" autofocus={i === 0} value={given.value[input.name]} onChange={e => set(input.name, e.currentTarget.value)}><option value="">–</option><option>true</option><option>false</option></select>
              : input.type === 'number' ? <input {...control} class="input" type="number" step="any" autofocus={i === 0} required={input.required} value={given.value[input.name]} onInput={e => set(input.name, e.currentTarget.value)} />
              : <textarea {...control} class="input" rows={input.type === 'list' ? 4 : 2} autofocus={i === 0} required={input.required} value={given.value[input.name]} onInput={e => set(input.name, e.currentTarget.value)} />}
          </Field>
        ))}
        {error.value && <div class="banner bad" role="alert"><p class="wrap">{error.value}</p></div>}
        <div class="actions"><button type="button" class="button" onClick={onClose}>Cancel</button><button class="button primary">Run</button></div>
      </form>
    </Dialog>
  );
}

function shown(input: Input): string {
  if (input.default === null || input.default === undefined) return '';
  return Array.isArray(input.default) ? input.default.join('\n') : String(input.default);
}

function read(input: Input, text: string): unknown {
  if (input.type === 'number') return Number(text);
  if (input.type === 'boolean') return text === 'true';
  return input.type === 'list' ? text.split('\n').map(l => l.trim()).filter(Boolean) : text;
}
