import { call, get, send, url, type Page } from '../../api/http';

/** A chunk of what the agent knows. */
export interface Chunk {
  id: number;
  content: string;
  heading: string;
  domain: string;
  namespace: string;
  source: string | null;
  source_type: string;
  trust: 'operator' | 'agent' | 'external';
  created_at: string;
  updated_at: string;
  invalidated_at: string | null;
  invalidation: string | null;
  reason: string | null;
  /** Of a hit: higher is better, within one answer. */
  score?: number;
  outcome?: 'added' | 'revised' | 'duplicate';
  supersedes?: number | null;
  earlier?: Chunk[];
}

export interface Source {
  source: string;
  title: string;
  source_type: string;
  trust: string;
  domain: string;
  namespace: string;
  chunks: number;
  ingested_at: string;
  deleted_at: string | null;
}

export interface Ingest {
  ingest_id: string;
  source: string;
  status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted';
  started_at: string;
  finished_at: string | null;
  documents: number;
  documents_done: number;
  unchanged: number;
  failed: number;
  chunks_added: number;
  chunks_kept: number;
  chunks_removed: number;
  document: string | null;
  pieces: number | null;
  all_pieces: number | null;
  error: string | null;
}

export interface Stats {
  chunks: number;
  by_domain: Record<string, number>;
  documents: number;
  superseded: number;
  embedding_model: string | null;
  embeddings_ready: boolean;
}

export interface Draft {
  content: string;
  heading: string;
  domain: string;
  namespace: string;
  trust: string;
}

export const search = (q: string, k: number, domain: string, signal?: AbortSignal) =>
  get<Chunk[]>(url('/api/knowledge/search', { q, k, domain }), signal);
export const chunk = (id: string, signal?: AbortSignal) => get<Chunk>(`/api/knowledge/chunks/${encodeURIComponent(id)}`, signal);
export const add = (draft: Draft) => send<Chunk>('POST', '/api/knowledge/chunks', clean(draft));
export const change = (id: number, draft: Draft) => send<Chunk>('PUT', `/api/knowledge/chunks/${id}`, draft);
export const remove = (id: number) => send('DELETE', `/api/knowledge/chunks/${id}`);
export const stats = (signal?: AbortSignal) => get<Stats>('/api/knowledge/stats', signal);
export const sources = (cursor: string | null, deleted: boolean, signal?: AbortSignal) => get<Page<Source>>(url('/api/knowledge/sources', { cursor, limit: 100, include_deleted: deleted || null }), signal);
export const ingests = (signal?: AbortSignal) => get<Page<Ingest>>('/api/knowledge/ingest?limit=20', signal);
export const cancelIngest = (id: string) => send('DELETE', `/api/knowledge/ingest/${encodeURIComponent(id)}`);
export const ingestAddress = (address: string) => send<{ ingest_id: string }>('POST', '/api/knowledge/ingest', { url: address });
export const deleteSource = (of: Source) => send<{ chunks: number }>('POST', '/api/knowledge/delete-by-source', { source: of.source, namespace: of.namespace });
export const restoreSource = (of: Source) => send<{ chunks: number }>('POST', '/api/knowledge/restore-by-source', { source: of.source, namespace: of.namespace });

export async function ingestFiles(files: File[]): Promise<{ ingest_id: string; source: string }> {
  const form = new FormData();
  for (const file of files) form.append('file', file, file.name);
  return await (await call('/api/knowledge/ingest', { method: 'POST', body: form })).json();
}

function clean(draft: Draft): Partial<Draft> {
  return Object.fromEntries(Object.entries(draft).filter(([, v]) => v !== ''));
}
