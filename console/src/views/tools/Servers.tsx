import { useSignal } from '@preact/signals';
import { useLoaded } from '../../state/loaded';
import { confirm } from '../../ui/dialog';
import { Badge, Empty, Field, focusHeading, Shown } from '../../ui/parts';
import { attempt } from '../../ui/toast';
import { add, remove, servers, type Server } from './api';

/** MCP servers whose tools the agent has. */
export function Servers() {
  const read = useLoaded(signal => servers(signal), [], ['mcp', 'config']);
  const take = async (server: Server) => {
    if (await confirm('Remove this server?', `${server.name} is stopped, and its tools go with it.`, 'Remove') && await attempt(() => remove(server.name).then(read.again), `${server.name} is removed`)) {
      // The button that was pressed is gone.
      focusHeading();
    }
  };
  return (
    <section class="stack" aria-labelledby="tools-servers">
      <h2 id="tools-servers">MCP servers</h2>
      <Shown of={read}>
        {page => page.items.length === 0 ? <Empty title="There is no MCP server">One that is added here is connected at once, and again at every start.</Empty> : (
          <div class="scroll-x panel" tabIndex={0} role="group" aria-label="MCP servers, scrolls sideways">
            <table class="table">
              <caption class="visually-hidden">MCP servers the agent has tools of</caption>
              <thead><tr><th scope="col">Server</th><th scope="col">State</th><th scope="col">Where</th><th scope="col">Tools</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
              <tbody>{page.items.map(s => (
                <tr key={s.name}>
                  <th scope="row">{s.name}</th>
                  <td class="wrap"><Badge tone={s.state === 'ready' ? 'good' : s.state === 'disabled' || s.state === 'connecting' ? '' : 'bad'}>{s.state}</Badge>{s.last_error && <div><small>{s.last_error}</small></div>}</td>
                  <td class="wrap"><code>{s.target}</code></td>
                  <td class="wrap">{s.tools.join(', ') || 'none'}</td>
                  <td class="right">{s.origin === 'config' ? <small>configured</small> : <button type="button" class="button quiet small" aria-label={`Remove ${s.name}`} onClick={() => void take(s)}>Remove</button>}</td>
                </tr>
              ))}</tbody>
            </table>
          </div>
        )}
      </Shown>
      <Add added={read.again} />
    </section>
  );
}

function Add({ added }: { added: () => Promise<void> }) {
  const name = useSignal('');
  const where = useSignal('');
  const words = useSignal('');
  const secrets = useSignal('');
  const remote = /^https?:\/\//i.test(where.value.trim());
  const read = named(secrets.value, remote ? ':' : '=');
  const submit = async () => {
    const target = where.value.trim();
    const server = { name: name.value.trim(), ...(remote ? { url: target, headers: read.named } : { command: target, args: words.value.split('\n').filter(Boolean), env: read.named }) };
    if (await attempt(() => add(server), `${server.name} is added`)) name.value = where.value = words.value = secrets.value = '';
    await added();
  };
  return (
    <details class="panel" style={{ padding: '8px 14px' }}>
      <summary>Add a server</summary>
      <form class="stack" aria-label="Add an MCP server" onSubmit={e => { e.preventDefault(); void submit(); }}>
        <Field label="Name">{control => <input {...control} class="input" required value={name.value} onInput={e => { name.value = e.currentTarget.value; }} />}</Field>
        <Field label="Address or program" hint="An https:// address, or a program of this machine">{control => <input {...control} class="input mono" required value={where.value} onInput={e => { where.value = e.currentTarget.value; }} />}</Field>
        {!remote && <Field label="Arguments" hint="One a line, as they are: nothing is quoted or split">{control => <textarea {...control} class="input mono" rows={2} value={words.value} onInput={e => { words.value = e.currentTarget.value; }} />}</Field>}
        <Field label={remote ? 'Headers' : 'Environment'} hint={`One ${remote ? 'Name: value' : 'NAME=value'} a line. They are kept with the instance and never shown again`} error={read.error}>
          {control => <textarea {...control} class="input mono" rows={2} value={secrets.value} onInput={e => { secrets.value = e.currentTarget.value; }} />}
        </Field>
        <div><button type="submit" class="button primary" disabled={!name.value.trim() || !where.value.trim() || read.error !== null}>Add</button></div>
      </form>
    </details>
  );
}

/** Names and values, one a line. A line that is none is told by its number: it may be half a secret, which must not come back in a message. */
function named(text: string, separator: ':' | '='): { named: Record<string, string>; error: string | null } {
  const found: Record<string, string> = {};
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const at = line.indexOf(separator);
    if (at <= 0) return { named: {}, error: `Line ${i + 1} has no name before a “${separator}”.` };
    found[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }

  return { named: found, error: null };
}
