import { computed, signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';

/** How far the instance's clock is ahead of this browser's, in ms. */
let ahead = 0;

/** The time as the instance has it: its times are compared with no other. */
export const clock = () => Date.now() + ahead;

/** The wall clock, once a second while somebody looks. */
export const now = signal(clock());
setInterval(() => { if (document.visibilityState === 'visible') now.value = clock(); }, 1000);

/** Of the header of an answer, which has whole seconds and took a while to come: less than two seconds say nothing. */
const Unsure = 2_000;

/** Sets the clock by the `Date` of an answer. */
export function heard(date: string | null) {
  const told = date === null ? NaN : Date.parse(date) - Date.now();
  if (Number.isNaN(told) || Math.abs(told - ahead) < Unsure) return;
  ahead = Math.abs(told) < Unsure ? 0 : told;
  now.value = clock();
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** A formatter is dear to make: each is made once. Throws for a zone nobody knows. */
export function format(options: Intl.DateTimeFormatOptions, locale?: string): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(key, known);
  return known;
}

export const full = format({ dateStyle: 'medium', timeStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

/** Without its year a time of another year reads as one of this. */
const short = (date: Date): Intl.DateTimeFormatOptions => ({
  ...(date.getFullYear() === new Date(now.peek()).getFullYear() ? {} : { year: 'numeric' }), month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit',
});

const Units: [Intl.RelativeTimeFormatUnit, number][] = [['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1]];

/** "in 3 minutes", "2 hours ago". */
export function ago(at: string | number, from = now.value): string {
  const seconds = ((typeof at === 'number' ? at : Date.parse(at)) - from) / 1000;
  const [unit, size] = Units.find(([, s]) => Math.abs(seconds) >= s) ?? ['second', 1];
  return relative.format(Math.trunc(seconds / size), unit);
}

/** "2 d 3 h", "4 min 12 s". */
export function span(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  const s = Math.floor(ms / 1000);
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor(s / 3600) % 24} h`;
}

/** The time in another zone, as its clocks show it. */
export function inZone(at: string, zone: string): string {
  try {
    const date = new Date(at);
    return format({ ...short(date), timeZone: zone, timeZoneName: 'short' }).format(date);
  } catch {
    return `${at} (${zone})`;
  }
}

/** Words that change as time passes, and nothing around them: a list has hundreds of these, of which few change in a second. */
export function Passing({ at, words }: { at: string; words: (at: string) => string }) {
  const text = useMemo(() => computed(() => words(at)), [at, words]);
  return <>{text.value}</>;
}

const since = (at: string) => ago(at);
const up = (at: string) => `up ${span(now.value - Date.parse(at))}`;

/** A time as people read it; the exact one on demand. */
export function Time({ at, how = 'short' }: { at: string | null | undefined; how?: 'short' | 'ago' | 'up' | 'full' }) {
  if (!at) return <span class="soft">–</span>;
  const date = new Date(at);
  return (
    <time dateTime={at} title={`${full.format(date)} (${at})`}>
      {how === 'ago' || how === 'up' ? <Passing at={at} words={how === 'ago' ? since : up} /> : how === 'full' ? full.format(date) : format(short(date)).format(date)}
    </time>
  );
}
