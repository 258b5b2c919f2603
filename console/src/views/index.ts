import type { ComponentType } from 'preact';

export interface View {
  /** Its name in the address. */
  id: string;
  title: string;
  icon: string;
  load: () => Promise<{ default: ComponentType }>;
}

/** What the console shows, in the order of its menu. Each is loaded when it is first looked at. */
export const views: View[] = [
  { id: 'chat', title: 'Chat', icon: 'chat', load: () => import('./chat/Chat') },
  { id: 'box', title: 'Box', icon: 'box', load: () => import('./box/Box') },
  { id: 'schedule', title: 'Schedule', icon: 'schedule', load: () => import('./schedule/Schedule') },
  { id: 'inbox', title: 'Inbox', icon: 'inbox', load: () => import('./inbox/Inbox') },
  { id: 'activity', title: 'Activity', icon: 'activity', load: () => import('./activity/Activity') },
  { id: 'knowledge', title: 'Knowledge', icon: 'knowledge', load: () => import('./knowledge/Knowledge') },
  { id: 'memory', title: 'Memory', icon: 'memory', load: () => import('./memory/Memory') },
  { id: 'skills', title: 'Skills', icon: 'skills', load: () => import('./skills/Skills') },
  { id: 'workflows', title: 'Workflows', icon: 'workflows', load: () => import('./workflows/Workflows') },
  { id: 'tools', title: 'Tools', icon: 'tools', load: () => import('./tools/Tools') },
  { id: 'telemetry', title: 'Telemetry', icon: 'telemetry', load: () => import('./telemetry/Telemetry') },
  { id: 'settings', title: 'Settings', icon: 'settings', load: () => import('./settings/Settings') },
];
