import { get, pages, send, url, type Page } from '../../api/http';

export interface Instance {
  instance: string | null;
  agent_name: string;
  pid: number;
  port: number;
  url: string;
  started_at: string;
  version: string;
  scheduler: string;
  root: string;
  /** Codes; what they say is in that instance's own status. */
  warnings: string[];
  memory_bytes: number | null;
}

export interface Member {
  name: string;
  state: string;
  port: number;
  pid: number | null;
  url: string | null;
  wanted: boolean;
  restarts: number;
  last_error: string | null;
  log: string;
  /** The folders its data is in; of one that is asked for by itself. */
  data?: string[];
}

/** Where another instance's console is for whoever looks: one on every address says its loopback, which from afar is the looker's own machine. */
export function reach(instance: string): string {
  const there = new URL(instance);
  if (isLoopback(there.hostname) && !isLoopback(location.hostname)) there.hostname = location.hostname;
  return there.origin;
}

const isLoopback = (host: string) => host === 'localhost' || host === '[::1]' || host.startsWith('127.');

const at = (name: string) => `/api/fleet/${encodeURIComponent(name)}`;

export const instances = (signal: AbortSignal) => get<Instance[]>('/api/instances?memory=true', signal);
export const members = (signal: AbortSignal) => pages<Member>(20, cursor => get<Page<Member>>(url('/api/fleet', { cursor, limit: 500 }), signal));
export const member = (name: string, signal: AbortSignal) => get<Member>(at(name), signal);
export const add = (name: string, port: number | null) => send<Member>('POST', '/api/fleet', { name, ...(port ? { port } : {}) });
export const start = (name: string) => send('POST', `${at(name)}/start`);
export const stop = (name: string) => send('POST', `${at(name)}/stop`);
export const remove = (name: string, purge: boolean) => send<{ data_kept: boolean; data: string[] }>('DELETE', url(at(name), { purge }));
