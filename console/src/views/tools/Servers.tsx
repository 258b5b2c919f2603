import { useSignal } from '@preact/signals';
import { useLoaded } from '../../state/loaded';
import { confirm } from '../../ui/dialog';
import { Badge, Empty, Field, Shown } from '../../ui/parts';
import { attempt } from '../../ui/toast';
import { add, remove, servers, type Server } from './api';

/** MCP servers whose tools the agent has. */
export function Servers() {
  const read = useLoaded(signal => servers(signal), [], ['mcp', 'config']);
  const take = async (server: Server) => {
    if (await confirm('Remove this server?', `${server.name} is stopped, and its tools go with it.`, 'Remove')) await attempt(() => remove(server.name).then(read.again), `${server.name} is removed`);
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
  const secrets = useSignal('');
  const remote = /^https?:\/\//.test(where.value.trim());
  const submit = async () => {
    const [command, ...args] = where.value.trim().split(/\s+/);
    const named = Object.fromEntries(secrets.value.split('\n').map(line => line.trim()).filter(Boolean).map(line => [line.split('=')[0]!.trim(), line.slice(line.indexOf('=') + 1).trim()]));
    const server = remote ? { name: name.value.trim(), url: where.value.trim(), headers: named } : { name: name.value.trim(), command, args, env: named };
    if (await attempt(() => add(server), `${name.value.trim()} is added`)) name.value = where.value = secrets.value = '';
    await added();
  };
  return (
    <details class="panel" style={{ padding: '8px 14px' }}>
      <summary>Add a server</summary>
      <form class="stack" aria-label="Add an MCP server" onSubmit={e => { e.preventDefault(); void submit(); }}>
        <Field label="Name">{control => <input {...control} class="input" required value={name.value} onInput={e => { name.value = e.currentTarget.value; }} />}</Field>
        <Field label="Address or command" hint="An https:// address, or a program of this machine with its arguments">{control => <input {...control} class="input" required value={where.value} onInput={e => { where.value = e.currentTarget.value; }} />}</Field>
        <Field label={remote ? 'Headers' : 'Environment'} hint="One NAME=value a line. They are kept with the instance and never shown again">{control => <textarea {...control} class="input" rows={2} value={secrets.value} onInput={e => { secrets.value = e.currentTarget.value; }} />}</Field>
        <div><button type="submit" class="button primary" disabled={!name.value.trim() || !where.value.trim()}>Add</button></div>
      </form>
    </details>
  );
}
