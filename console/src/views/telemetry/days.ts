/** Turns taken together: of a model, of a day (UTC, 2026-11-24), or all. */
export interface Group {
  name: string;
  turns: number;
  failed: number;
  tool_calls: number;
  tool_errors: number;
  input_tokens: number;
  output_tokens: number;
  cost_usd: number | null;
  duration_ms: { p50: number | null; p95: number | null };
  first_token_ms: { p50: number | null; p95: number | null };
}

const Day = 86_400_000;

/** Every UTC day from the first the instance looked at to its today, the earliest first. It leaves out those without a turn. */
export function everyDay(days: Group[], since: string, count: number): Group[] {
  const known = new Map(days.map(d => [d.name, d]));
  const all: Group[] = [];
  const first = Math.floor(Date.parse(since) / Day);
  for (let day = first; day <= first + count; day++) {
    const name = new Date(day * Day).toISOString().slice(0, 10);
    all.push(known.get(name) ?? without(name));
  }

  return all;
}

function without(name: string): Group {
  const none = { p50: null, p95: null };
  return { name, turns: 0, failed: 0, tool_calls: 0, tool_errors: 0, input_tokens: 0, output_tokens: 0, cost_usd: null, duration_ms: none, first_token_ms: none };
}
