import { signal, type ReadonlySignal } from '@preact/signals';
import { useCallback, useEffect, useMemo, useRef } from 'preact/hooks';
import { broke, on, onMissed } from '../../api/events';
import { ApiError } from '../../api/problem';
import { frames, inSight, pause } from '../../api/sse';
import { session, steps, turn, type Step, type Turn } from './api';

/** Steps that are read and drawn at once. Few, so that neither takes long enough to be felt; the earlier ones come when they are scrolled to. */
export const AtOnce = 20;

export interface State {
  /** The last ones there are, without a gap. */
  steps: Step[];
  /** The last turn; null when there is none. */
  turn: Turn | null;
  /** The last step that was known when the connection broke, if any came meanwhile. */
  missedAfter: number | null;
  error: unknown;
  loading: boolean;
}

/** What the model says and thinks since the last step. */
export interface Said { saying: string; thinking: string }

/** Signals and not values: what changes with every word is read only by what shows it. */
export interface Thread {
  state: ReadonlySignal<State>;
  said: ReadonlySignal<Said>;
  earlier: () => Promise<void>;
  again: () => void;
}

type Writable<T> = { value: T; peek: () => T };

const Nothing: Said = { saying: '', thinking: '' };
const empty = (loading: boolean): State => ({ steps: [], turn: null, missedAfter: null, error: null, loading });

/**
 * A conversation as it stands and as it goes on. What is written is read from the instance, and what is said meanwhile followed word by
 * word; when the connection breaks both are taken up where they were, so that nothing is missed and nothing shown twice.
 */
export function useThread(id: string | null): Thread {
  // Another conversation has its own from its first paint: nothing of the one before is shown under its name.
  const state = useMemo(() => signal(empty(id !== null)), [id]);
  const said = useMemo(() => signal(Nothing), [id]);
  // Its own too: an answer that comes when another is shown must not end what follows that one.
  const run = useMemo(() => ({ current: null as AbortController | null, over: false }), [id]);
  const reading = useRef(false);

  const start = useCallback((lost: boolean) => {
    if (run.over) return;
    run.current?.abort();
    const mine = run.current = new AbortController();
    if (id !== null) void follow(id, mine.signal, state, said, lost);
  }, [id]);

  useEffect(() => {
    start(false);
    return () => {
      run.over = true;
      run.current?.abort();
    };
  }, [id]);

  useEffect(() => {
    const ours = (e: { data: Record<string, unknown> }) => { if (e.data.session_id === id) start(false); };
    const begun = (e: { data: Record<string, unknown> }) => { if (e.data.session_id === id && e.data.turn_id !== state.peek().turn?.id) start(false); };
    const stops = [on('turn.started', begun), on('session.rewound', ours), onMissed(() => start(broke.peek()))];
    return () => stops.forEach(stop => stop());
  }, [id]);

  const earlier = useCallback(async () => {
    const first = state.peek().steps[0]?.seq ?? 1;
    if (reading.current || first <= 1) return;
    reading.current = true;
    try {
      const from = Math.max(0, Math.floor((first - 2) / AtOnce) * AtOnce);
      const page = await steps(id!, from, first - 1 - from, run.current!.signal);
      // Unless it was rewound or left meanwhile.
      if (state.peek().steps[0]?.seq === first) state.value = { ...state.peek(), steps: [...page.items, ...state.peek().steps] };
    } catch (error) {
      if (!run.current!.signal.aborted) state.value = { ...state.peek(), error };
    } finally {
      reading.current = false;
    }
  }, [id]);

  return useMemo(() => ({ state, said, earlier, again: () => start(false) }), [id]);
}

async function follow(id: string, abort: AbortSignal, state: Writable<State>, said: Writable<Said>, lost: boolean) {
  for (let failures = 0; !abort.aborted; failures++) {
    await inSight(abort);
    try {
      const known = state.peek().steps;
      let read = await current(id, known, abort);
      const last = read.at(-1)?.turn_id;
      const its = last ? await turn(last, abort) : null;
      const running = its?.status === 'running' || its?.status === 'waiting';
      // What it said last may have been written between the two answers.
      if (its && !running) read = await current(id, read, abort);
      if (abort.aborted) return;
      if (read.at(-1)?.turn_id !== last) continue;
      const before = known.at(-1)?.seq ?? Infinity;
      const missedAfter = lost && (read.at(-1)?.seq ?? 0) > before ? before : state.peek().missedAfter;
      state.value = { steps: read, turn: its, missedAfter, error: null, loading: false };
      said.value = Nothing;
      lost = false;
      if (!running) return;
      if (await listen(its!, abort, state, said)) return;
      failures = 0;
    } catch (error) {
      if (abort.aborted) return;
      state.value = { ...state.peek(), error, loading: false };
      if (error instanceof ApiError && error.status < 500 && error.status !== 429 && error.status !== 401) return;
    }

    if (document.hidden) continue;
    lost = true;
    await pause(failures, abort);
  }
}

/** What is known and what came since; or the last steps anew, where what is known is not what there is: it was rewound. */
async function current(id: string, known: Step[], abort: AbortSignal): Promise<Step[]> {
  const last = known.at(-1);
  if (last) {
    const since = await all(id, last.seq - 1, abort);
    if (since[0]?.seq === last.seq && since[0].turn_id === last.turn_id && since[0].at === last.at) return since.length === 1 ? known : [...known, ...since.slice(1)];
  }

  const { steps: head } = await session(id, abort);
  return all(id, Math.max(0, head - AtOnce), abort);
}

/** True once the turn has ended; false when the stream did before it. */
async function listen(its: Turn, abort: AbortSignal, state: Writable<State>, said: Writable<Said>): Promise<boolean> {
  let [saying, thinking, drawing] = ['', '', 0];
  const draw = () => { drawing ||= requestAnimationFrame(() => { drawing = 0; if (!abort.aborted) said.value = { saying, thinking }; }); };
  const last = state.peek().steps.at(-1)?.seq;
  const headers: Record<string, string> = last ? { 'last-event-id': String(last) } : {};
  const init = { signal: abort, headers };
  for await (const frame of frames(`/api/chat/turns/${encodeURIComponent(its.id)}/events`, init)) {
    const told = JSON.parse(frame.data) as { type: string; text?: string; step?: Step; turn?: Turn };
    const now = state.peek();
    switch (told.type) {
      case 'delta': saying += told.text; draw(); break;
      case 'thought': thinking += told.text; draw(); break;
      case 'reset': saying = thinking = ''; draw(); break;
      case 'step':
        saying = thinking = '';
        said.value = Nothing;
        if (told.step!.seq > (now.steps.at(-1)?.seq ?? 0)) state.value = { ...now, steps: [...now.steps, told.step!], turn: { ...its, status: 'running' } };
        break;
      case 'waiting': state.value = { ...now, turn: told.turn ?? { ...its, status: 'waiting' } }; break;
      case 'end':
        saying = thinking = '';
        said.value = Nothing;
        state.value = { ...now, turn: told.turn! };
        return true;
    }
  }

  return false;
}

async function all(id: string, after: number, abort: AbortSignal): Promise<Step[]> {
  const found: Step[] = [];
  for (let from: number | null = after; from !== null;) {
    const page: { items: Step[]; next: string | null } = await steps(id, from, 500, abort);
    found.push(...page.items);
    from = page.next === null ? null : Number(page.next);
  }

  return found;
}
