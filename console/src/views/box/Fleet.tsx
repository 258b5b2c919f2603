import { useSignal } from '@preact/signals';
import { useLoaded } from '../../state/loaded';
import { Badge, Empty, Field, Shown, type Tone } from '../../ui/parts';
import { attempt } from '../../ui/toast';
import { add, members, reach, start, stop, type Member } from './api';
import { Leave } from './Leave';

/** Waiting: it ended by itself and is started again soon; a person may want to look why. */
const tones: Record<string, Tone> = { running: 'good', failed: 'bad', waiting: 'warn', starting: 'accent', stopping: 'accent' };

/** The instances this one keeps running. */
export function Fleet() {
  const read = useLoaded(signal => members(signal), [], ['fleet']);
  const leaving = useSignal<Member | null>(null);
  return (
    <section class="stack" aria-labelledby="box-fleet">
      <h2 id="box-fleet">Fleet</h2>
      <Add added={read.again} />
      <Shown of={read}>
        {page => page.items.length === 0 ? <Empty title="This instance keeps no other running">One that is added here is started at once, and again when it ends by itself.</Empty> : (
          <div class="scroll-x panel" tabIndex={0} role="group" aria-label="Fleet, scrolls sideways">
            <table class="table box-table">
              <caption class="visually-hidden">Instances this one supervises</caption>
              <thead><tr><th scope="col">Instance</th><th scope="col">State</th><th scope="col">Port</th><th scope="col" class="number">Restarts</th><th scope="col">Log</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
              <tbody>{page.items.map(m => (
                <tr key={m.name}>
                  <th scope="row">{m.name}</th>
                  <td class="wrap"><Badge tone={tones[m.state] ?? ''}>{m.state}</Badge>{m.last_error && <div><small>{m.last_error}</small></div>}</td>
                  <td>{m.url ? <a href={reach(m.url)} target="_blank" rel="noopener">{m.port}</a> : m.port}</td>
                  <td class="number">{m.restarts}</td>
                  <td class="wrap"><code>{m.log}</code></td>
                  <td class="right">
                    {m.wanted ? <button type="button" class="button small" aria-label={`Stop ${m.name}`} onClick={() => void attempt(() => stop(m.name).then(read.again), `${m.name} is stopped`)}>Stop</button>
                      : <button type="button" class="button small" aria-label={`Start ${m.name}`} onClick={() => void attempt(() => start(m.name).then(read.again), `${m.name} is started`)}>Start</button>}
                    <button type="button" class="button quiet small" aria-label={`Remove ${m.name}`} onClick={() => { leaving.value = m; }}>Remove</button>
                  </td>
                </tr>
              ))}</tbody>
            </table>
          </div>
        )}
      </Shown>
      {leaving.value && <Leave member={leaving.value} close={() => { leaving.value = null; void read.again(); }} />}
    </section>
  );
}

function Add({ added }: { added: () => Promise<void> }) {
  const name = useSignal('');
  const port = useSignal('');
  const busy = useSignal(false);
  const submit = async () => {
    busy.value = true;
    if (await attempt(() => add(name.value.trim(), port.value ? Number(port.value) : null), `${name.value.trim()} runs`)) name.value = port.value = '';
    busy.value = false;
    await added();
  };
  return (
    <form class="row" aria-label="Add an instance" onSubmit={e => { e.preventDefault(); void submit(); }}>
      <Field label="Id of a new instance">{control => <input {...control} class="input" required value={name.value} onInput={e => { name.value = e.currentTarget.value; }} />}</Field>
      <Field label="Port, or none for a free one">{control => <input {...control} class="input" type="number" min={1} max={65535} value={port.value} onInput={e => { port.value = e.currentTarget.value; }} />}</Field>
      <button type="submit" class="button" disabled={busy.value || !name.value.trim()}>{busy.value ? 'Starting…' : 'Add'}</button>
    </form>
  );
}
