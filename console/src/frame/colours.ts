import { effect, signal } from '@preact/signals';
import { hue, hue2, name, status } from '../state/instance';

export type Theme = 'system' | 'light' | 'dark';

const Key = 'protoagent.theme';

export const theme = signal<Theme>((localStorage.getItem(Key) as Theme | null) ?? 'system');

/** The instance's colours on everything that is its, the tab's title and icon too: two tabs can't be confused. */
export function wear() {
  effect(() => {
    const root = document.documentElement;
    root.style.setProperty('--hue', String(hue.value));
    root.style.setProperty('--hue2', String(hue2.value));
    if (theme.value === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme.value;
    localStorage.setItem(Key, theme.value);
  });
  effect(() => {
    if (!status.value) return;
    document.title = `${name.value} · ${status.value.instance.agent_name}`;
    // The first and the last of its id, for those that are numbered.
    const id = status.value.instance.id?.replace(/[^\p{L}\p{N}]/gu, '') ?? '!';
    const initials = id.slice(0, 1) + (id.length > 1 ? id.slice(-1) : '');
    const drawn = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="hsl(${hue.value} 60% 38%)"/>`
      + `<path d="M2 26h28a8 8 0 0 1-6 6H8a8 8 0 0 1-6-6z" fill="hsl(${hue2.value} 60% 55%)"/>`
      + `<text x="16" y="21" text-anchor="middle" font-family="sans-serif" font-weight="bold" font-size="18" fill="#fff">${initials}</text></svg>`;
    document.querySelector<HTMLLinkElement>('link[rel=icon]')!.href = `data:image/svg+xml,${encodeURIComponent(drawn)}`;
  });
}
