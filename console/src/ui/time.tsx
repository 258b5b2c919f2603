import { signal } from '@preact/signals';

/** The wall clock, once a second while somebody looks. */
export const now = signal(Date.now());
setInterval(() => { if (document.visibilityState === 'visible') now.value = Date.now(); }, 1000);

const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const short = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

const Units: [Intl.RelativeTimeFormatUnit, number][] = [['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1]];

/** "in 3 minutes", "2 hours ago". */
export function ago(at: string | number, from = now.value): string {
  const seconds = ((typeof at === 'number' ? at : Date.parse(at)) - from) / 1000;
  const [unit, size] = Units.find(([, s]) => Math.abs(seconds) >= s) ?? ['second', 1];
  return relative.format(Math.trunc(seconds / size), unit);
}

/** "2 d 3 h", "4 min 12 s". */
export function span(milliseconds: number): string {
  const s = Math.max(0, Math.floor(milliseconds / 1000));
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor(s / 3600) % 24} h`;
}

/** The time in another zone, as its clocks show it. */
export function inZone(at: string, zone: string): string {
  try {
    return new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: zone, timeZoneName: 'short' }).format(new Date(at));
  } catch {
    return `${at} (${zone})`;
  }
}

/** A time as people read it; the exact one on demand. */
export function Time({ at, how = 'short' }: { at: string | null | undefined; how?: 'short' | 'ago' | 'up' | 'full' }) {
  if (!at) return <span class="soft">–</span>;
  const date = new Date(at);
  return <time dateTime={at} title={`${full.format(date)} (${at})`}>{how === 'ago' ? ago(at) : how === 'up' ? `up ${span(now.value - date.getTime())}` : how === 'full' ? full.format(date) : short.format(date)}</time>;
}
