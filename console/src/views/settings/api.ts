import { get, send, type Page } from '../../api/http';

export interface Setting {
  key: string;
  value: string | null;
  layer: 'default' | 'box' | 'instance' | 'file' | 'environment' | 'flag';
  origin: string;
  default: string | null;
  doc: string;
  secret: boolean;
}

export interface Written {
  written: string[];
  file: string;
  secrets_file: string;
  restart_required: string[];
  overridden: { key: string; by: string }[];
  /** Keys of a server that is not asked any more. */
  taken_out: string[];
}

export interface Endpoint {
  kind: string;
  base_url: string;
  models: string[];
}

export interface Trial {
  ok: boolean;
  latency_ms: number;
  models: string[];
  error: { code: string; message: string } | null;
}

export interface ModelDraft {
  provider: string;
  base_url: string;
  name: string;
  api_key: string;
}

export async function settings(signal?: AbortSignal): Promise<Setting[]> {
  const all: Setting[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Setting> = await get(`/api/config/explain?limit=500${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`, signal);
    all.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return all;
}

export const write = (values: Record<string, string | null>) => send<Written>('PUT', '/api/config', { values });
export const detect = (signal?: AbortSignal) => get<Page<Endpoint>>('/api/model/detect', signal).then(p => p.items);
export const tryModel = (draft: ModelDraft) => send<Trial>('POST', '/api/model/test', {
  provider: draft.provider, base_url: draft.base_url || null, name: draft.name || null, api_key: draft.api_key || null,
});

/** What was written, in words. */
export function outcome(written: Written): string {
  const over = written.overridden.map(o => `${o.key} is decided by ${o.by}, which stands.`);
  if (over.length > 0) return `Written to ${written.file}. ${over.join(' ')}`;
  if (written.taken_out.length > 0) return `Saved, and ${written.taken_out.join(' and ')} taken out: it was given for another server.`;
  return written.restart_required.length > 0 ? 'Saved. It takes effect when the instance is started again.' : 'Saved, and in effect.';
}
