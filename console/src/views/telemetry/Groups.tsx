import type { Group } from './days';
import { cost, count, time } from './words';

export function Groups({ title, of, groups }: { title: string; of: string; groups: Group[] }) {
  return (
    <section class="stack">
      <h2>{title}</h2>
      <GroupTable title={title} of={of} groups={groups} />
    </section>
  );
}

export function GroupTable({ title, of, groups }: { title: string; of: string; groups: Group[] }) {
  return (
    <div class="scroll-x panel" tabIndex={0} role="group" aria-label={`${title}, scrolls sideways`}>
      <table class="table">
        <caption class="visually-hidden">{title}</caption>
        <thead><tr><th scope="col">{of}</th><th scope="col" class="number">Turns</th><th scope="col" class="number">Failed</th><th scope="col" class="number">Tool calls</th><th scope="col" class="number">Tokens in</th><th scope="col" class="number">Tokens out</th><th scope="col" class="number">Cost</th><th scope="col" class="number">p50</th><th scope="col" class="number">p95</th></tr></thead>
        <tbody>{groups.map(g => (
          <tr key={g.name}>
            <th scope="row">{g.name}</th><td class="number">{count(g.turns)}</td><td class="number">{count(g.failed)}</td><td class="number">{count(g.tool_calls)}</td><td class="number">{count(g.input_tokens)}</td>
            <td class="number">{count(g.output_tokens)}</td><td class="number">{cost(g.cost_usd)}</td><td class="number">{time(g.duration_ms.p50)}</td><td class="number">{time(g.duration_ms.p95)}</td>
          </tr>
        ))}</tbody>
      </table>
    </div>
  );
}
