import { useSignal } from '@preact/signals';
import { useCallback, useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { broke, on, onMissed } from '../api/events';

export interface Loaded<T> {
  data: T | null;
  error: unknown;
  loading: boolean;
  /** Reads it again; what is shown stays until the new is there. */
  again: () => Promise<void>;
  set: (data: T) => void;
}

/** After so long, in ms, a read is taken for one that never ends. */
const Patience = 10_000;

/**
 * Something read from the instance, and read again when it may have changed.
 * @param read what to read; called anew when `keys` change
 * @param topics events that mean it may have changed
 */
export function useLoaded<T>(read: (signal: AbortSignal) => Promise<T>, keys: unknown[], topics: string[] = []): Loaded<T> {
  const state = useSignal<{ data: T | null; error: unknown; loading: boolean }>({ data: null, error: null, loading: true });
  const running = useRef<AbortController | null>(null);
  const going = useRef<Promise<void>>(Promise.resolve());
  const reading = useRef(read);
  reading.current = read;

  const again = useCallback(() => {
    running.current?.abort();
    const mine = running.current = new AbortController();
    state.value = { ...state.value, loading: true };
    const read = async () => {
      try {
        const data = await reading.current(mine.signal);
        if (!mine.signal.aborted) state.value = { data, error: null, loading: false };
      } catch (error) {
        if (!mine.signal.aborted) state.value = { ...state.value, error, loading: false };
      }
    };
    return going.current = read();
  }, []);

  // Before it is painted: what was read for other keys is never shown for these.
  useLayoutEffect(() => {
    state.value = { data: null, error: null, loading: true };
    void again();
    return () => running.current?.abort();
  }, keys);

  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      timer = undefined;
      if (!over) void again();
    };
    // A read under way comes to its end first: events that come faster than it would keep it from ever doing so. Unless it never ends.
    const late = async () => {
      const mine = timer;
      await Promise.race([going.current, new Promise(next => setTimeout(next, Patience))]);
      if (timer === mine) look();
    };
    const soon = () => { timer ??= setTimeout(late, 150); };
    const missed = () => {
      if (!broke.peek()) return soon();
      clearTimeout(timer);
      timer = setTimeout(look, 150);
    };
    const stops = [...topics.map(topic => on(topic, soon)), onMissed(missed)];
    return () => { over = true; clearTimeout(timer); stops.forEach(stop => stop()); };
  }, topics);

  return { ...state.value, again, set: data => { state.value = { data, error: null, loading: false }; } };
}
