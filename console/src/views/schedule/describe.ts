import { evenly, expand, isRange, list, ordinal } from './cron';

const Days = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const DayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const Months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const MonthNames = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const Macros: Record<string, string> = {
  '@hourly': '0 * * * *', '@daily': '0 0 * * *', '@midnight': '0 0 * * *', '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *', '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *',
};

/** A schedule in words, as the instance wrote it back; null for a form that has none here. Its next fires stand beside it, so it never has to guess. */
export function describe(schedule: string): string | null {
  if (schedule.startsWith('every ')) return `Every ${interval(schedule.slice(6))}, whatever clocks on the wall do.`;
  if (/^[0-9]{4}-/.test(schedule)) return once(schedule);
  const fields = (Macros[schedule] ?? schedule).split(' ');
  if (fields.length === 5) fields.unshift('0');
  if (fields.length !== 6) return null;
  const [second, minute, hour, day, month, weekday] = fields as [string, string, string, string, string, string];
  const at = time(second, minute, hour);
  const on = days(day, weekday);
  const within = months(month);
  if (at === null || on === null || within === null) return null;
  const always = on === 'every day' && expand(hour, 0, 23)!.length === 24;
  const text = [at, always ? '' : on, within].filter(Boolean).join(at.startsWith('every') ? ', ' : ' ');
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

function interval(text: string): string {
  const units: Record<string, string> = { d: 'day', h: 'hour', m: 'minute', s: 'second' };
  const parts = [...text.matchAll(/([0-9]+)([dhms])/g)].map(([, n, u]) => n === '1' ? `1 ${units[u!]}` : `${n} ${units[u!]}s`);
  return parts.length === 1 ? parts[0]!.replace(/^1 /, '') : list(parts);
}

function once(text: string): string {
  const zoned = /[Zz]$/.test(text) ? ' (UTC)' : /[+-][0-9:]+$/.exec(text.slice(10)) ? ` (UTC${text.slice(-6)})` : ' as the clocks of its time zone show it';
  const [date, clock] = text.split('T') as [string, string];
  const [year, month, dayOf] = date.split('-').map(Number) as [number, number, number];
  const weekday = DayNames[new Date(Date.UTC(year, month - 1, dayOf)).getUTCDay()];
  return `Once: ${weekday}, ${dayOf} ${MonthNames[month - 1]} ${year}, at ${clock.replace(/([Zz]|[+-][0-9:]+)$/, '')}${zoned}.`;
}

const two = (n: number) => String(n).padStart(2, '0');

function time(second: string, minute: string, hour: string): string | null {
  const [seconds, minutes, hours] = [expand(second, 0, 59), expand(minute, 0, 59), expand(hour, 0, 23)];
  if (!seconds || !minutes || !hours) return null;
  const plain = seconds.length === 1 && seconds[0] === 0;
  if (seconds.length * minutes.length * hours.length <= 8) {
    return `at ${list(hours.flatMap(h => minutes.flatMap(m => seconds.map(s => `${two(h)}:${two(m)}${plain ? '' : `:${two(s)}`}`))))}`;
  }

  const everyHour = hours.length === 24;
  const everyMinute = minutes.length === 60;
  if (plain && minutes.length === 1) {
    const step = evenly(hours, 0, 23);
    const past = minutes[0] === 0 ? 'on the hour' : `at minute ${minutes[0]}`;
    if (everyHour) return `every hour, ${past}`;
    if (step && hours[0] === 0) return `every ${step} hours from midnight, ${past}`;
    return `at ${list(hours.map(h => `${two(h)}:${two(minutes[0]!)}`))}`;
  }

  const often = /^every [0-9]* ?(minute|second)s?$/;
  let first = plain ? clock(minutes, 'minute') : clock(seconds, 'second');
  if (!plain) first += everyMinute ? (often.test(first) ? '' : ' of every minute') : `, in minute${minutes.length > 1 ? 's' : ''} ${isRange(minutes) ? `${minutes[0]} to ${minutes.at(-1)}` : list(minutes.map(String))}`;
  return everyHour ? (often.test(first) || first.endsWith(' of every minute') ? first : `${first} of every hour`) : `${first}, ${hourSpan(hours)}`;
}

/** "every 15 minutes", "at minutes 5 and 20", "every minute from 0 to 29". */
function clock(values: number[], unit: string): string {
  if (values.length === 60) return `every ${unit}`;
  const step = evenly(values, 0, 59);
  if (step) return `every ${step} ${unit}s${values[0] === 0 ? '' : ` from ${unit} ${values[0]}`}`;
  if (isRange(values)) return `every ${unit} from ${unit} ${values[0]} to ${values.at(-1)}`;
  return `at ${unit}${values.length > 1 ? 's' : ''} ${list(values.map(String))}`;
}

function hourSpan(hours: number[]): string {
  if (isRange(hours)) return `from ${two(hours[0]!)}:00 to ${two(hours.at(-1)!)}:59`;
  return `in the hour${hours.length > 1 ? 's' : ''} from ${list(hours.map(h => `${two(h)}:00`))}`;
}

function days(day: string, weekday: string): string | null {
  const [anyDay, anyWeekday] = [/^[*?]$/.test(day), /^[*?]$/.test(weekday)];
  const [ofMonth, ofWeek] = [monthDays(day), weekDays(weekday)];
  if (ofMonth === null || ofWeek === null) return null;
  if (anyDay && anyWeekday) return 'every day';
  if (anyDay) return `on ${ofWeek}`;
  if (anyWeekday) return `on ${ofMonth} of the month`;
  // As crontab(5) has it: either is enough, unless one of them begins with a star.
  return /^[*?]/.test(day) || /^[*?]/.test(weekday) ? `on ${ofWeek}, if it is ${ofMonth} of the month` : `on ${ofMonth} of the month, and also on ${ofWeek}`;
}

function monthDays(field: string): string | null {
  const values = expand(field, 1, 31);
  if (values) {
    if (isRange(values)) return `the ${ordinal(values[0]!)} to the ${ordinal(values.at(-1)!)}`;
    return `the ${list(values.map(ordinal))}`;
  }

  const parts = field.split(',').map(item => {
    const plain = expand(item, 1, 31);
    if (plain) return monthDays(item)!;
    if (item === 'L') return 'the last day';
    if (item === 'LW' || item === 'WL') return 'the last weekday (Monday to Friday)';
    const before = /^L-([0-9]+)$/.exec(item);
    if (before) return `the day ${before[1]} ${before[1] === '1' ? 'day' : 'days'} before the last`;
    const near = /^([0-9]+)W$/.exec(item);
    return near ? `the weekday (Monday to Friday) nearest the ${ordinal(Number(near[1]))}` : null;
  });
  return parts.includes(null) ? null : list(parts as string[]);
}

function weekDays(field: string): string | null {
  const plain = weekdaysOf(field);
  if (plain) {
    const monday = plain.map(d => (d + 6) % 7).sort((a, b) => a - b);
    const name = (d: number) => DayNames[(d + 1) % 7]!;
    return isRange(monday) ? `${name(monday[0]!)} to ${name(monday.at(-1)!)}` : list(monday.map(name));
  }

  const parts = field.split(',').map(item => {
    const some = weekdaysOf(item);
    if (some) return weekDays(item)!;
    const special = /^([A-Z]{3}|[0-7])(?:#([1-5])|L)$/.exec(item);
    if (!special) return null;
    const name = DayNames[Number.isNaN(Number(special[1])) ? Days.indexOf(special[1]!) : Number(special[1]) % 7];
    return name && `the ${special[2] ? ['first', 'second', 'third', 'fourth', 'fifth'][Number(special[2]) - 1] : 'last'} ${name} of the month`;
  });
  return parts.some(p => !p) ? null : list(parts as string[]);
}

/** Sunday is 0 and 7, and nothing goes on from one to the other. */
function weekdaysOf(field: string): number[] | null {
  const open = /^([A-Z]{3}|[0-6])-([A-Z]{3}|[0-6])$/.exec(field);
  const values = open ? expand(field, 0, 6, Days) : expand(field, 0, 7, Days);
  return values && [...new Set(values.map(v => v % 7))];
}

function months(field: string): string | null {
  const values = expand(field, 1, 12, Months, 1);
  if (!values) return null;
  const name = (m: number) => MonthNames[m - 1]!;
  return values.length === 12 ? '' : isRange(values) ? `from ${name(values[0]!)} to ${name(values.at(-1)!)}` : `in ${list(values.map(name))}`;
}
