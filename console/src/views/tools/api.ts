import { get, pages, send, url, type Page } from '../../api/http';

export interface Tool {
  name: string;
  description: string;
  offered: boolean;
  not_offered: 'disabled' | 'not_enabled' | null;
  needs_approval: boolean;
  schema: unknown;
}

export interface Server {
  name: string;
  target: string;
  state: string;
  tools: string[];
  last_error: string | null;
  origin: string;
}

export interface Subagent {
  name: string;
  description: string;
  tools: string[];
  model: string | null;
  max_rounds: number;
}

const every = <T,>(path: string, signal: AbortSignal) => pages<T>(20, cursor => get<Page<T>>(url(path, { cursor, limit: 500 }), signal));

export const tools = (signal: AbortSignal) => every<Tool>('/api/tools', signal);
export const servers = (signal: AbortSignal) => every<Server>('/api/mcp/servers', signal);
export const subagents = (signal: AbortSignal) => every<Subagent>('/api/subagents', signal);
export const add = (server: Record<string, unknown>) => send<Server>('POST', '/api/mcp/servers', server);
export const remove = (name: string) => send('DELETE', `/api/mcp/servers/${encodeURIComponent(name)}`);
