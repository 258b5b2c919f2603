import { computed, effect, signal } from '@preact/signals';
import { connection, missed, on } from '../api/events';
import { get } from '../api/http';

/** GET /api/runtime/status: which instance this is, where its data lies, and what stands in its way. */
export interface Status {
  instance: {
    id: string | null; source: 'env' | 'config' | 'auto' | 'none'; agent_name: string; uuid: string; pid: number; port: number;
    started_at: string; version: string; data_home: string; root: string;
  };
  paths: Record<string, string>;
  scheduler: { state: string; owner: Owner | null; jobs: number | null; next_fire: string | null };
  siblings: { pid: number; port: number; instance: string | null; started_at: string }[];
  model: { provider: string; name: string; base_url: string | null; ready: boolean };
  stores: Record<string, number>;
  warnings: Warning[];
}

export interface Owner {
  pid: number;
  port: number | null;
  instance: string | null;
  agent_name: string;
  host_name: string;
  started_at: string;
}

export interface Warning {
  code: string;
  /** What is wrong, and what to do. */
  message: string;
  /** What to do, alone. */
  remedy: string;
}

/** What is wrong, without what to do. */
export function what({ message, remedy }: Warning): string {
  return message.endsWith(remedy) ? message.slice(0, -remedy.length).trim() : message;
}

export const status = signal<Status | null>(null);

/** As the instance is called everywhere: its id, or that it has none. */
export const name = computed(() => status.value ? status.value.instance.id ?? 'UNSCOPED' : '…');

const hash = computed(() => {
  const of = status.value?.instance;
  if (!of) return null;
  let all = 2166136261;
  for (const c of of.id ?? of.root) all = Math.imul(all ^ c.codePointAt(0)!, 16777619);
  return all >>> 0;
});

/** 45 to 344, of the instance alone: two tabs can't be confused, and none looks like an error. */
export const hue = computed(() => hash.value === null ? 220 : 45 + Math.round(hash.value * 137.508) % 300);

/** A second one beside it. Of a dozen instances two may well have much the same first; hardly both. */
export const hue2 = computed(() => hash.value === null ? 220 : 45 + (Math.imul(hash.value ^ hash.value >>> 15, 2246822519) >>> 0) % 300);

let reading: Promise<void> | null = null;

export function readStatus(): Promise<void> {
  return reading ??= get<Status>('/api/runtime/status').then(read => { status.value = read; }, () => undefined).finally(() => { reading = null; });
}

/** Keeps the status right: it is read when something says that it may have changed, and once a minute for what nobody tells. */
export function watchStatus() {
  void readStatus();
  for (const topic of ['scheduler', 'instance', 'job', 'inbox', 'knowledge', 'session', 'config']) on(topic, later);
  effect(() => { if (connection.value === 'live' || missed.value) void readStatus(); });
  setInterval(() => { if (document.visibilityState === 'visible') void readStatus(); }, 60_000);
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') void readStatus(); });
}

let waiting = false;

/** Many events come together; one look is enough for all of them. */
function later() {
  if (waiting) return;
  waiting = true;
  setTimeout(() => { waiting = false; void readStatus(); }, 300);
}
