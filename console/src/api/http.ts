import { signal } from '@preact/signals';
import { heard } from '../ui/time';
import { ApiError, Unreachable } from './problem';

const Key = 'protoagent.token';

/** The token, for as long as the tab lives. There are no cookies: a page of somebody else's can't ride on what it can't read. */
export const token = signal<string | null>(sessionStorage.getItem(Key));

/** The instance wants a token, or another one than it was given. */
export const unauthorized = signal(false);

export function signIn(given: string) {
  sessionStorage.setItem(Key, given);
  token.value = given;
  unauthorized.value = false;
}

/** Every request of the console. Relative to where it was loaded from, so that it works behind a path too. */
export async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (token.value) headers.set('authorization', `Bearer ${token.value}`);
  let answer: Response;
  try {
    answer = await fetch(path.replace(/^\//, './'), { ...init, headers, credentials: 'omit' });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Unreachable();
  }

  heard(answer.headers.get('date'));
  if (answer.status === 401) unauthorized.value = true;
  if (!answer.ok) throw await ApiError.of(answer);
  return answer;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return await (await call(path, signal ? { signal } : {})).json() as T;
}

/** Sends JSON; the answer's JSON, or undefined when it has none. */
export async function send<T = void>(method: 'POST' | 'PUT' | 'DELETE' | 'PATCH', path: string, body?: unknown): Promise<T> {
  const answer = await call(path, body === undefined ? { method } : { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** A path with its query; what is null or empty is left out. */
export function url(path: string, query: Record<string, string | number | boolean | null | undefined>): string {
  const given = Object.entries(query).filter(([, v]) => v !== null && v !== undefined && v !== '');
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given.map(([k, v]) => [k, String(v)]))}`;
}

/** The first pages of a list, as one. */
export async function pages<T>(count: number, read: (cursor: string | null) => Promise<Page<T>>): Promise<Page<T>> {
  const all: Page<T> = { items: [], next: null };
  for (let i = 0; i < count && (i === 0 || all.next); i++) {
    const { items, next } = await read(all.next);
    all.items.push(...items);
    all.next = next;
  }

  return all;
}

/** A page of a list, and the cursor of the next. */
export interface Page<T> {
  items: T[];
  next: string | null;
}
