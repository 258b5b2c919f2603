import { call, get, send, type Page } from '../../api/http';

export interface Skill {
  name: string;
  description: string;
  source: 'own' | 'commons' | 'bundled';
  file: string;
  tools: string[];
  user_facing: boolean;
  user_only: boolean;
  slash: string | null;
  author: string | null;
  last_used: string | null;
}

export interface SkillPage extends Page<Skill> {
  scope: 'scoped' | 'shared' | 'layered';
  problems: { path: string; line: number | null; message: string }[];
}

export interface WholeSkill {
  skill: Skill;
  text: string;
  files: string[];
  file_count: number;
}

const path = (name: string) => `/api/skills/${encodeURIComponent(name)}`;
export const skills = (signal?: AbortSignal) => get<SkillPage>('/api/skills?limit=500', signal);
export const skill = (name: string, signal?: AbortSignal) => get<WholeSkill>(path(name), signal);
export const save = async (name: string, text: string) =>
  await (await call(path(name), { method: 'PUT', headers: { 'content-type': 'text/markdown' }, body: text })).json() as Skill;
export const remove = (name: string) => send('DELETE', path(name));
export const promote = (name: string, replace: boolean) => send<Skill>('POST', `${path(name)}/promote`, { replace });
