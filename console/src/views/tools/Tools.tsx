import { useSignal } from '@preact/signals';
import { useLoaded } from '../../state/loaded';
import { Badge, Empty, Field, Page, Shown } from '../../ui/parts';
import { subagents, tools, type Tool } from './api';
import { Servers } from './Servers';

const why = { disabled: 'off: named by tools.disable', not_enabled: 'off unless tools.enable names it' };

/** What the agent may call, which MCP servers it has tools of, and whom it may send. */
export default function Tools() {
  const filter = useSignal('');
  const read = useLoaded(signal => tools(signal), [], ['mcp', 'config']);
  const agents = useLoaded(signal => subagents(signal), [], ['config']);
  return (
    <Page title="Tools">
      <Servers />
      <section class="stack" aria-labelledby="tools-all">
        <h2 id="tools-all">Tools</h2>
        <Field label="Find a tool">{control => <input {...control} class="input" type="search" value={filter.value} onInput={e => { filter.value = e.currentTarget.value; }} />}</Field>
        <Shown of={read}>
          {page => {
            const wanted = filter.value.toLowerCase();
            const found = page.items.filter(t => `${t.name} ${t.description}`.toLowerCase().includes(wanted));
            return found.length === 0 ? <Empty title="No tool has that in its name or description" /> : <div class="stack">{found.map(t => <One key={t.name} tool={t} />)}</div>;
          }}
        </Shown>
      </section>
      <section class="stack" aria-labelledby="tools-subagents">
        <h2 id="tools-subagents">Subagents</h2>
        <Shown of={agents}>
          {page => page.items.length === 0 ? <Empty title="There is no subagent">They are defined under subagents in the configuration.</Empty> : (
            <div class="stack">{page.items.map(a => (
              <div class="panel stack" style={{ padding: '10px 14px' }} key={a.name}>
                <strong>{a.name}</strong><span class="wrap">{a.description}</span>
                <small>{a.model ?? 'the model of the agent'} · at most {a.max_rounds} rounds · {a.tools.length > 0 ? a.tools.join(', ') : 'no tools'}</small>
              </div>
            ))}</div>
          )}
        </Shown>
      </section>
    </Page>
  );
}

function One({ tool }: { tool: Tool }) {
  return (
    <details class="panel" style={{ padding: '8px 14px' }}>
      <summary><strong>{tool.name}</strong> {tool.offered ? <Badge tone="good">offered</Badge> : <Badge>{tool.not_offered ? why[tool.not_offered] : 'off'}</Badge>} {tool.needs_approval && <Badge tone="warn">needs approval</Badge>}</summary>
      <p class="wrap">{tool.description}</p>
      <pre class="code" tabIndex={0} aria-label={`Schema of ${tool.name}`}>{JSON.stringify(tool.schema, null, 2)}</pre>
    </details>
  );
}
