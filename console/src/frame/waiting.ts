import { effect, signal } from '@preact/signals';
import { connection, missed, on } from '../api/events';
import { get, type Page } from '../api/http';
import { status } from '../state/instance';

/** What waits for a person, by the view that shows it. */
export const waiting = signal<Record<string, number>>({});

/** An approval as the instance tells it. */
export interface Approval {
  id: string;
  kind: 'approve' | 'question' | 'gate';
  session_id: string;
  turn_id: string;
  tool?: string | null;
  question?: string | null;
  [more: string]: unknown;
}

export const approvals = signal<Approval[]>([]);

export async function readApprovals() {
  try {
    approvals.value = (await get<Page<Approval>>('/api/approvals?limit=500')).items;
  } catch {
    // The connection's state says it.
  }
}

for (const topic of ['approval', 'turn', 'workflow']) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  on(topic, () => { timer ??= setTimeout(() => { timer = undefined; void readApprovals(); }, 250); });
}

effect(() => { if (connection.value === 'live' || missed.value) void readApprovals(); });
effect(() => {
  const gates = approvals.value.filter(a => a.kind === 'gate').length;
  waiting.value = { chat: approvals.value.length - gates, workflows: gates, inbox: status.value?.stores.inbox ?? 0 };
});
