import { get, pages, send, url, type Page } from '../../api/http';

export interface Session {
  session_id: string;
  surface: string;
  topic: string;
  started_at: string;
  timestamp: string;
  message_count: number;
  tool_calls_total_count: number;
  facts_through: number;
}

export interface WholeSession extends Session {
  messages: { role: string; content: string }[];
  tool_calls: { name: string; count: number }[];
  final_output: string;
}

export interface Fact {
  id: number;
  content: string;
  heading: string;
  trust: string;
  source: string | null;
  created_at: string;
  updated_at: string;
}

/** What was put before one turn. */
export interface Injection {
  turn_id: string;
  session_id: string;
  at: string;
  characters: number;
  items: { kind: 'hot' | 'hit' | 'session'; id: string; trust: string | null }[];
}

const id = encodeURIComponent;
export const sessions = (cursor: string | null, signal?: AbortSignal) => get<Page<Session>>(url('/api/memory/sessions', { cursor }), signal);
export const session = (of: string, signal?: AbortSignal) => get<WholeSession>(`/api/memory/sessions/${id(of)}`, signal);
export const forget = (of: string) => send('DELETE', `/api/memory/sessions/${id(of)}`);
export const harvest = (of: string) => send<{ facts: number }>('POST', `/api/memory/sessions/${id(of)}/harvest`);
export const facts = (signal?: AbortSignal) => pages<Fact>(20, cursor => get(url('/api/memory/hot', { cursor, limit: 500 }), signal));
export const addFact = (content: string, heading: string) => send<Fact>('POST', '/api/memory/hot', { content, heading });
export const changeFact = (of: number, content: string, heading: string) => send<Fact>('PUT', `/api/memory/hot/${of}`, { content, heading });
export const dropFact = (of: number) => send('DELETE', `/api/memory/hot/${of}`);
export const injections = (sessionId: string, cursor: string | null, signal?: AbortSignal) =>
  get<Page<Injection>>(url('/api/memory/injections', { session_id: sessionId, cursor }), signal);
