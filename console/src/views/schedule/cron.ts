/** The values a plain field of a cron line stands for, in order; null where it has one of the special forms (L, W, #), or can't be read. */
export function expand(field: string, min: number, max: number, names: string[] = [], first = 0): number[] | null {
  const values = new Set<number>();
  for (const item of field.split(',')) {
    const match = /^(?:(\*|\?)|([0-9]+|[A-Z]{3})(?:-([0-9]+|[A-Z]{3}))?)(?:\/([0-9]+))?$/.exec(item);
    if (!match) return null;
    const step = match[4] ? Number(match[4]) : 1;
    const from = match[1] ? min : number(match[2]!, names, first);
    const to = match[1] ? max : match[3] ? number(match[3], names, first) : match[4] ? max : from;
    if (step < 1 || from < min || to < min || from > max || to > max || Number.isNaN(from) || Number.isNaN(to)) return null;
    // 22-2 goes over the end.
    const size = max - min + 1;
    const length = from <= to ? to - from : to - from + size;
    for (let i = 0; i <= length; i += step) values.add(min + (from - min + i) % size);
  }

  return [...values].sort((a, b) => a - b);
}

function number(text: string, names: string[], first: number): number {
  const named = names.indexOf(text);
  return named >= 0 ? named + first : Number(text);
}

/** The step of values that go round evenly, as every second of 24 hours does; null where they don't. */
export function evenly(values: number[], min: number, max: number): number | null {
  const step = values.length > 1 ? values[1]! - values[0]! : 0;
  const size = max - min + 1;
  if (step < 2 || size % step !== 0 || values.length !== size / step) return null;
  return values.every((v, i) => v === values[0]! + i * step) ? step : null;
}

/** Without a gap. */
export function isRange(values: number[]): boolean {
  return values.length > 2 && values.every((v, i) => v === values[0]! + i);
}

export function list(words: string[]): string {
  return words.length < 2 ? words[0] ?? '' : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

export function ordinal(n: number): string {
  const ending = n % 100 >= 11 && n % 100 <= 13 ? 'th' : ['th', 'st', 'nd', 'rd'][n % 10] ?? 'th';
  return `${n}${ending}`;
}
