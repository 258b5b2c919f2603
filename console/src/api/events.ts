import { signal } from '@preact/signals';
import { unauthorized } from './http';
import { ApiError } from './problem';
import { frames, inSight, pause } from './sse';

/** Something that happened in the instance. It says where to look; the stores are authoritative. */
export interface BusEvent {
  id: number;
  topic: string;
  at: string;
  data: Record<string, unknown>;
}

/** Whether the console hears of the instance. */
export const connection = signal<'connecting' | 'live' | 'lost'>('connecting');

/** Rises whenever events may have been missed, as before the first word of the instance: whoever shows something reads it again. */
export const missed = signal(0);

/** Whether the connection broke before it rose, and not because nobody looked. What an instance that came back says it has lost counts to that too. */
export const broke = signal(false);

/** From now on, and not for what it has risen already. */
export function onMissed(listener: () => void): () => void {
  let known = missed.peek();
  return missed.subscribe(count => {
    if (count !== known) listener();
    known = count;
  });
}

type Listener = (event: BusEvent) => void;

const listeners = new Map<string, Set<Listener>>();
let following: AbortController | null = null;

/** Tells of every event whose topic is `prefix` or begins with it and a dot; '' for all. Returns what stops it. */
export function on(prefix: string, listener: Listener): () => void {
  const all = listeners.get(prefix) ?? new Set();
  listeners.set(prefix, all.add(listener));
  return () => all.delete(listener);
}

/** Follows the instance until the page is closed; comes back by itself, with what it missed. */
export function follow() {
  following?.abort();
  following = new AbortController();
  void run(following.signal);
}

async function run(abort: AbortSignal) {
  let last: string | null = null;
  let failures = 0;
  let lost = false;
  while (!abort.aborted) {
    await inSight(abort);
    try {
      const headers: Record<string, string> = last ? { 'last-event-id': last } : {};
      const opened = () => {
        connection.value = 'live';
        failures = 0;
        broke.value = lost;
        missed.value++;
        lost = false;
      };
      for await (const frame of frames('/api/events', { headers, signal: abort }, opened)) {
        last = frame.id ?? last;
        tell(JSON.parse(frame.data) as BusEvent);
      }
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) await signedIn(abort);
    }

    if (abort.aborted) return;
    if (document.hidden) continue;
    lost = connection.value !== 'connecting';
    connection.value = 'lost';
    await pause(failures++, abort);
  }
}

function signedIn(abort: AbortSignal): Promise<void> {
  return new Promise(done => {
    const stop = unauthorized.subscribe(wanted => { if (!wanted) finish(); });
    abort.addEventListener('abort', finish, { once: true });
    function finish() {
      queueMicrotask(() => stop());
      done();
    }
  });
}

function tell(event: BusEvent) {
  if (event.topic === 'events.missed' || event.topic === 'events.dropped') {
    missed.value++;
    return;
  }

  for (const [prefix, all] of listeners) {
    if (prefix === '' || event.topic === prefix || event.topic.startsWith(`${prefix}.`)) all.forEach(listener => listener(event));
  }
}
