import { useSignal } from '@preact/signals';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { missed, on } from '../../api/events';
import { ApiError } from '../../api/problem';
import { frames, pause } from '../../api/sse';
import { session, steps, turn, type Step, type Turn } from './api';

/** Steps that are shown at first; the earlier ones on demand. */
const Shown = 200;

export interface Thread {
  steps: Step[];
  /** The first step shown is not the first there is. */
  hasEarlier: boolean;
  /** The last turn; null when there is none. */
  turn: Turn | null;
  /** What the model says and thinks since the last step. */
  saying: string;
  thinking: string;
  error: unknown;
  loading: boolean;
  earlier: () => void;
  again: () => void;
}

interface State { steps: Step[]; turn: Turn | null; error: unknown; loading: boolean }

/**
 * A conversation as it stands and as it goes on. What is written is read from the instance, and what is said meanwhile followed word by
 * word; when the connection breaks both are taken up where they were, so that nothing is missed and nothing shown twice.
 */
export function useThread(id: string | null): Thread {
  const state = useSignal<State>({ steps: [], turn: null, error: null, loading: id !== null });
  const said = useSignal({ saying: '', thinking: '' });
  const run = useRef<AbortController | null>(null);

  const start = useCallback((keep: boolean) => {
    run.current?.abort();
    const mine = run.current = new AbortController();
    if (!keep) state.value = { steps: [], turn: null, error: null, loading: id !== null };
    if (id !== null) void follow(id, mine.signal, state, said);
  }, [id]);

  useEffect(() => {
    said.value = { saying: '', thinking: '' };
    start(false);
    return () => run.current?.abort();
  }, [id]);

  useEffect(() => {
    const ours = (e: { data: Record<string, unknown> }) => { if (e.data.session_id === id) start(true); };
    const begun = (e: { data: Record<string, unknown> }) => { if (e.data.session_id === id && e.data.turn_id !== state.peek().turn?.id) start(true); };
    const stops = [on('turn.started', begun), on('session.rewound', ours), missed.subscribe(n => { if (n) start(true); })];
    return () => stops.forEach(stop => stop());
  }, [id]);

  const earlier = () => {
    const first = state.value.steps[0]?.seq ?? 1;
    const from = Math.max(0, first - 1 - Shown);
    void steps(id!, from, first - 1 - from, new AbortController().signal)
      .then(page => { state.value = { ...state.value, steps: merge(page.items, state.value.steps) }; }, error => { state.value = { ...state.value, error }; });
  };

  return { ...state.value, ...said.value, hasEarlier: (state.value.steps[0]?.seq ?? 1) > 1, earlier, again: () => start(true) };
}

async function follow(id: string, abort: AbortSignal, state: { value: State }, said: { value: { saying: string; thinking: string } }) {
  for (let failures = 0; !abort.aborted; failures++) {
    try {
      const { steps: head } = await session(id, abort);
      const known = state.value.steps;
      // Rewound meanwhile: what is known is not what there is.
      const keep = known.length > 0 && known.at(-1)!.seq <= head && known[0]!.seq > head - 10 * Shown;
      const read = await all(id, keep ? known[0]!.seq - 1 : Math.max(0, head - Shown), abort);
      const last = read.at(-1)?.turn_id;
      const its = last ? await turn(last, abort) : null;
      if (abort.aborted) return;
      state.value = { steps: read, turn: its, error: null, loading: false };
      if (its?.status !== 'running' && its?.status !== 'waiting') {
        said.value = { saying: '', thinking: '' };
        return;
      }

      said.value = { saying: '', thinking: '' };
      if (await listen(its, abort, state, said)) return;
      failures = 0;
    } catch (error) {
      if (abort.aborted) return;
      state.value = { ...state.value, error, loading: false };
      if (error instanceof ApiError && error.status < 500 && error.status !== 429 && error.status !== 401) return;
    }

    await pause(failures, abort);
  }
}

/** True once the turn has ended; false when the stream did before it. */
async function listen(its: Turn, abort: AbortSignal, state: { value: State }, said: { value: { saying: string; thinking: string } }): Promise<boolean> {
  let [saying, thinking, drawing] = ['', '', 0];
  const draw = () => { drawing ||= requestAnimationFrame(() => { drawing = 0; if (!abort.aborted) said.value = { saying, thinking }; }); };
  const last = state.value.steps.at(-1)?.seq;
  const headers: Record<string, string> = last ? { 'last-event-id': String(last) } : {};
  const init = { signal: abort, headers };
  for await (const frame of frames(`/api/chat/turns/${encodeURIComponent(its.id)}/events`, init)) {
    const told = JSON.parse(frame.data) as { type: string; text?: string; step?: Step; turn?: Turn };
    switch (told.type) {
      case 'delta': saying += told.text; draw(); break;
      case 'thought': thinking += told.text; draw(); break;
      case 'reset': saying = thinking = ''; draw(); break;
      case 'step':
        saying = thinking = '';
        said.value = { saying, thinking };
        state.value = { ...state.value, steps: merge(state.value.steps, [told.step!]), turn: { ...its, status: 'running' } };
        break;
      case 'waiting': state.value = { ...state.value, turn: told.turn ?? { ...its, status: 'waiting' } }; break;
      case 'end':
        saying = thinking = '';
        said.value = { saying, thinking };
        state.value = { ...state.value, turn: told.turn! };
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

function merge(one: Step[], other: Step[]): Step[] {
  const known = new Set(one.map(s => s.seq));
  return [...one, ...other.filter(s => !known.has(s.seq))].sort((a, b) => a.seq - b.seq);
}
