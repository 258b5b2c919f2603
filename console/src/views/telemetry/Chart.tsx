import { useSignal } from '@preact/signals';
import { Field } from '../../ui/parts';
import type { Group } from './days';
import { GroupTable } from './Groups';
import { cost, count, time } from './words';

/** What can be drawn of a day, and how a number of it reads. Null: there is nothing to measure. */
const Measures: Record<string, { of: (day: Group) => number | null; say: (value: number | null) => string }> = {
  Tokens: { of: d => d.input_tokens + d.output_tokens, say: n => count(n ?? 0) },
  Cost: { of: d => d.cost_usd, say: cost },
  'Time of a turn (p50)': { of: d => d.duration_ms.p50, say: time },
  'Time of the slowest (p95)': { of: d => d.duration_ms.p95, say: time },
  'Time to the first word (p50)': { of: d => d.first_token_ms.p50, say: time },
  Turns: { of: d => d.turns, say: n => count(n ?? 0) },
};

const Height = 140;

/** More would touch each other on a phone. */
const MostLabels = 5;

/** A bar for each day, to be seen at once; the numbers stand in the table below. */
export function Chart({ days }: { days: Group[] }) {
  const chosen = useSignal('Tokens');
  const { of, say } = Measures[chosen.value]!;
  const most = Math.max(0, ...days.map(d => of(d) ?? 0));
  const peak = days.find(d => of(d) === most);
  const told = most > 0 ? `at most ${say(most)}, on ${peak!.name}` : 'nothing to show in these days';
  return (
    <section class="stack" aria-labelledby="telemetry-days">
      <div class="row between">
        <h2 id="telemetry-days">By day</h2>
        <Field label="Chart">{control => (
          <select {...control} class="input" value={chosen.value} onChange={e => { chosen.value = e.currentTarget.value; }}>{Object.keys(Measures).map(name => <option key={name}>{name}</option>)}</select>
        )}</Field>
      </div>
      <figure class="panel telemetry-chart">
        <figcaption>{chosen.value} a day (UTC): {told}</figcaption>
        <svg width="100%" height={Height + 20} role="img" aria-label={`${chosen.value} a day, ${days[0]!.name} to ${days.at(-1)!.name}: ${told}. The table below has the numbers.`}>
          {days.map((d, i) => <Bar key={d.name} x={i / days.length} width={1 / days.length} share={most > 0 ? (of(d) ?? 0) / most : 0} said={`${d.name}: ${say(of(d))}`} />)}
          <line x1="0" x2="100%" y1={Height} y2={Height} />
          {days.map((d, i) => labelled(i, days.length) && <Label key={d.name} day={d.name} i={i} of={days.length} />)}
        </svg>
        <details>
          <summary>The same as a table</summary>
          <GroupTable title="By day" of="Day" groups={[...days].reverse()} />
        </details>
      </figure>
    </section>
  );
}

const percent = (share: number) => `${(share * 100).toFixed(3)}%`;

/** Something is never drawn as nothing. */
function Bar({ x, width, share, said }: { x: number; width: number; share: number; said: string }) {
  const height = share > 0 ? Math.max(2, share * Height) : 0;
  return <rect x={percent(x + width * 0.1)} width={percent(width * 0.8)} y={Height - height} height={height}><title>{said}</title></rect>;
}

/** Today always, and as many before it as fit. */
const labelled = (i: number, all: number) => (all - 1 - i) % Math.ceil(all / MostLabels) === 0;

const short = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', timeZone: 'UTC' });

/** Under the middle of its bar; the last one ends with the chart. */
function Label({ day, i, of }: { day: string; i: number; of: number }) {
  const last = i === of - 1;
  return <text x={last ? '100%' : percent((i + 0.5) / of)} y={Height + 15} text-anchor={last ? 'end' : 'middle'}>{short.format(Date.parse(day))}</text>;
}
