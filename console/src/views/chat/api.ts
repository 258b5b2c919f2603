import { get, send, url, type Page } from '../../api/http';

export interface Session {
  id: string;
  created_at: string;
  updated_at: string;
  /** The number of its last step. */
  steps: number;
  parent_id: string | null;
  parent_step: number | null;
  title: string | null;
}

/** One thing written into a thread. */
export interface Step {
  seq: number;
  turn_id: string;
  role: 'user' | 'assistant' | 'tool_call' | 'tool_start' | 'tool_result' | 'summary' | 'note';
  text: string;
  at: string;
  model: string | null;
  reasoning: string | null;
  code: string | null;
  call_id: string | null;
  tool: string | null;
  arguments: string | null;
  status: string | null;
  /** Of an answer: what it took; null where the model did not say, or has no price. */
  input_tokens: number | null;
  output_tokens: number | null;
  cost_usd: number | null;
}

export interface Turn {
  id: string;
  session_id: string;
  status: 'running' | 'waiting' | 'done' | 'failed' | 'cancelled' | 'interrupted';
  error: { code: string; message: string } | null;
}

export interface Approval {
  id: string;
  kind: 'approve' | 'question' | 'gate';
  session_id: string;
  turn_id: string;
  tool: string;
  arguments: string;
  question: string | null;
}

export interface Command {
  name: string;
  description: string;
  kind: string;
}

const at = (id: string) => `/api/chat/sessions/${encodeURIComponent(id)}`;

export const sessions = (q: string, cursor: string | null, signal?: AbortSignal) => get<Page<Session>>(url('/api/chat/sessions', { q, cursor, limit: 50 }), signal);
export const session = (id: string, signal: AbortSignal) => get<Session>(at(id), signal);
/** The steps behind `after`. */
export const steps = (id: string, after: number, limit: number, signal: AbortSignal) => get<Page<Step>>(url(`${at(id)}/messages`, { cursor: after || null, limit }), signal);
export const turn = (id: string, signal: AbortSignal) => get<Turn>(`/api/chat/turns/${encodeURIComponent(id)}`, signal);
export const approvals = (signal: AbortSignal) => get<Page<Approval>>('/api/approvals?limit=500', signal);
export const commands = () => get<Page<Command>>('/api/chat/commands?limit=500');

/** The models that can be asked for by name; the agent itself, which the list begins with, is none of them. */
export const models = () => get<{ data: { id: string }[] }>('/v1/models').then(list => list.data.slice(1).map(m => m.id));

export interface Ask {
  session_id: string | null;
  /** The last step as it is shown; null where nothing is. */
  head: number | null;
  /** Null for the one the agent has. */
  model: string | null;
  incognito: boolean;
}

/** Begins a turn; it is on the disk when this answers. */
export const ask = (message: string, { session_id, head, model, incognito }: Ask) => send<{ session_id: string; turn_id: string }>('POST', '/api/chat', {
  message, detach: true, ...(session_id ? { session_id } : {}), ...(session_id && head !== null ? { head } : {}), ...(model ? { model } : {}), ...(incognito ? { incognito: true } : {}),
});
export const steer = (id: string, message: string) => send('POST', `${at(id)}/steer`, { message });
export const stop = (id: string) => send('POST', `${at(id)}/cancel`, {});
export const forget = (id: string) => send('DELETE', at(id));
export const fork = (id: string, step: number) => send<Session>('POST', `${at(id)}/fork`, { step });
export const rewind = (id: string, step: number, head: number) => send<Session>('POST', `${at(id)}/rewind`, { step, head });
export const decide = (id: string, decision: 'approve' | 'deny', answer: string) => send('POST', `/api/approvals/${encodeURIComponent(id)}`, { decision, ...(answer ? { answer } : {}) });
export const exported = (id: string, format: 'md' | 'json') => url(`${at(id)}/export`, { format });
