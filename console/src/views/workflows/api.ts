import { call, get, pages, send, url, type Page } from '../../api/http';
import { ApiError } from '../../api/problem';

export interface Input {
  name: string;
  type: 'string' | 'number' | 'boolean' | 'list';
  required: boolean;
  default: unknown;
  description: string;
}

export interface RecipeStep {
  id: string;
  subagent: string | null;
  tool: string | null;
  waits_for: string[];
  gate: string | null;
}

export interface Problem {
  line: number;
  message: string;
}

export interface Workflow {
  name: string;
  description: string;
  source: 'own' | 'bundled';
  inputs: Input[];
  steps: RecipeStep[];
  problems: Problem[];
  path: string | null;
  yaml: string | null;
}

export interface Run {
  id: string;
  workflow: string;
  status: 'running' | 'waiting' | 'done' | 'failed' | 'cancelled';
  version: number;
  origin: string;
  inputs: Record<string, unknown> | null;
  output: string | null;
  error: { code: string; message: string } | null;
  started_at: string;
  updated_at: string;
  finished_at: string | null;
  steps: RunStep[] | null;
}

export interface RunStep {
  id: string;
  status: 'pending' | 'running' | 'waiting' | 'done' | 'failed' | 'skipped' | 'cancelled';
  attempt: number;
  started_at: string | null;
  finished_at: string | null;
  output: string | null;
  error: { code: string; message: string } | null;
  session_id: string | null;
  gate: { approval_id: string; question: string; prompt: string; decision: string | null; answer: string | null } | null;
}

const of = (name: string) => `/api/workflows/${encodeURIComponent(name)}`;
const run = (id: string) => `/api/workflows/runs/${encodeURIComponent(id)}`;
export const workflows = (signal?: AbortSignal) => pages<Workflow>(20, cursor => get(url('/api/workflows', { cursor, limit: 500 }), signal));
export const workflow = (name: string, signal?: AbortSignal) => get<Workflow>(of(name), signal);
export const remove = (name: string) => send('DELETE', of(name));
export const start = (name: string, inputs: Record<string, unknown>) => send<{ run_id: string }>('POST', `${of(name)}/run`, { inputs });
export const runs = (workflowName: string, cursor: string | null, signal?: AbortSignal) => get<Page<Run>>(url('/api/workflows/runs', { workflow: workflowName, cursor, limit: 30 }), signal);
export const oneRun = (id: string, signal?: AbortSignal) => get<Run>(run(id), signal);
export const resume = (id: string, body: { step?: string; decision?: 'approve' | 'deny'; answer?: string }) => send<Run>('POST', `${run(id)}/resume`, body);
export const cancel = (id: string) => send<Run>('POST', `${run(id)}/cancel`, {});

/** Saves a recipe, or only looks at it. What is wrong with it comes back with its lines. */
export async function save(name: string, yaml: string, check: boolean): Promise<{ workflow: Workflow | null; problems: Problem[] }> {
  try {
    const answer = await call(`${of(name)}${check ? '?check=true' : ''}`, { method: 'PUT', headers: { 'content-type': 'application/yaml' }, body: yaml });
    return { workflow: await answer.json() as Workflow, problems: [] };
  } catch (error) {
    if (error instanceof ApiError && error.code === 'workflow_invalid') return { workflow: null, problems: (error.body as { errors: Problem[] }).errors };
    throw error;
  }
}
