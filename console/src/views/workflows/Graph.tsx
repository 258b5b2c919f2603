import './workflows.css';
import type { RecipeStep, RunStep } from './api';

const Width = 158;
const Height = 46;
const Across = 46;
const Down = 16;

interface Placed {
  step: RecipeStep;
  x: number;
  y: number;
}

/** The steps as they wait for each other, from left to right. What it shows is told in words beside each step too. */
export function Graph({ steps, states = {}, chosen, onChoose }: {
  steps: RecipeStep[]; states?: Record<string, RunStep['status']>; chosen?: string | null; onChoose?: (id: string) => void;
}) {
  const placed = place(steps);
  const by = new Map(placed.map(p => [p.step.id, p]));
  const width = Math.max(...placed.map(p => p.x), 0) + Width + 4;
  const height = Math.max(...placed.map(p => p.y), 0) + Height + 4;
  return (
    <div class="workflows-graph" tabIndex={0} role="group" aria-label="Steps and what they wait for">
      <svg width={width} height={height} viewBox={`-2 -2 ${width} ${height}`} aria-hidden="true" focusable="false">
        {placed.flatMap(to => to.step.waits_for.map(id => {
          const from = by.get(id);
          if (!from) return null;
          const [x1, y1, x2, y2] = [from.x + Width, from.y + Height / 2, to.x, to.y + Height / 2];
          return <path key={`${id}>${to.step.id}`} class="edge" d={`M${x1} ${y1}C${x1 + Across / 2} ${y1} ${x2 - Across / 2} ${y2} ${x2} ${y2}`} />;
        }))}
      </svg>
      {placed.map(({ step, x, y }) => {
        const state = states[step.id];
        const more = [step.gate ? 'a person lets it begin' : '', step.waits_for.length ? `waits for ${step.waits_for.join(' and ')}` : '', state ?? ''].filter(Boolean).map(w => `, ${w}`).join('');
        const style = { left: `${x}px`, top: `${y}px`, width: `${Width}px`, height: `${Height}px` };
        const inside = <><strong class="ellipsis">{step.id}{step.gate && <span aria-hidden="true" title="A person lets it begin"> ⏸</span>}</strong><small class="ellipsis">{step.tool ?? step.subagent ?? 'agent'}</small><span class="visually-hidden">{more}</span></>;
        return onChoose
          ? <button key={step.id} type="button" class={`node ${state ?? ''}`} style={style} aria-pressed={chosen === step.id} onClick={() => onChoose(step.id)}>{inside}</button>
          : <div key={step.id} class={`node ${state ?? ''}`} style={style}>{inside}</div>;
      })}
    </div>
  );
}

/** In columns by how far from the beginning; within one in the recipe's order, near the middle of what they wait for. */
function place(steps: RecipeStep[]): Placed[] {
  const depth = new Map<string, number>();
  const by = new Map(steps.map(s => [s.id, s]));
  const deep = (step: RecipeStep, seen: Set<string>): number => {
    const known = depth.get(step.id);
    if (known !== undefined) return known;
    if (seen.has(step.id)) return 0;
    seen.add(step.id);
    const before = step.waits_for.map(id => by.get(id)).filter(s => s !== undefined).map(s => deep(s, seen) + 1);
    const found = Math.max(0, ...before);
    depth.set(step.id, found);
    return found;
  };
  steps.forEach(s => deep(s, new Set()));
  const columns = new Map<number, RecipeStep[]>();
  for (const step of steps) columns.set(depth.get(step.id)!, [...columns.get(depth.get(step.id)!) ?? [], step]);
  const most = Math.max(1, ...[...columns.values()].map(c => c.length));
  return [...columns].flatMap(([column, its]) => its.map((step, i) => ({
    step, x: column * (Width + Across), y: (i + (most - its.length) / 2) * (Height + Down),
  })));
}
