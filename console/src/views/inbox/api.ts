import { get, send, url, type Page } from '../../api/http';

export interface Item {
  id: string;
  text: string;
  priority: Priority;
  source: string;
  dedup_key: string | null;
  status: string;
  created_at: string;
  delivered_at: string | null;
  turn_id: string | null;
  attempts: number;
  last_error: string | null;
  due_at: string | null;
}

export interface Draft {
  text: string;
  priority: Priority;
  source: string;
  /** Null when each is meant. */
  dedup_key: string | null;
}

export type Priority = 'now' | 'next' | 'later';

const at = (id: string) => `/api/inbox/${encodeURIComponent(id)}`;

export const items = (priority_floor: Priority, include_delivered: boolean, cursor: string | null, signal: AbortSignal) =>
  get<Page<Item>>(url('/api/inbox', { priority_floor, include_delivered, cursor, limit: 50 }), signal);
export const item = async (id: string, signal: AbortSignal) => (await get<{ item: Item }>(at(id), signal)).item;
export const post = (draft: Draft) => send<{ item: Item; deduplicated?: boolean }>('POST', '/api/inbox', draft);
export const deliver = (id: string) => send('POST', `${at(id)}/deliver`);
export const remove = (id: string) => send('DELETE', at(id));
