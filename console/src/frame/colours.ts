import { effect, signal } from '@preact/signals';
import { hue, name, status } from '../state/instance';

export type Theme = 'system' | 'light' | 'dark';

const Key = 'protoagent.theme';

export const theme = signal<Theme>((localStorage.getItem(Key) as Theme | null) ?? 'system');

/** The instance's colour on everything that is its, the tab's title and icon too: two tabs can't be confused. */
export function wear() {
  effect(() => {
    const root = document.documentElement;
    root.style.setProperty('--hue', String(hue.value));
    if (theme.value === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme.value;
    localStorage.setItem(Key, theme.value);
  });
  effect(() => {
    if (!status.value) return;
    document.title = `${name.value} · ${status.value.instance.agent_name}`;
    const drawn = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="hsl(${hue.value} 60% 42%)"/>`
      + '<path d="M10 8h7.5a6.5 6.5 0 0 1 0 13H14v4h-4zm4 4v5h3.3a2.5 2.5 0 0 0 0-5z" fill="#fff"/></svg>';
    document.querySelector<HTMLLinkElement>('link[rel=icon]')!.href = `data:image/svg+xml,${encodeURIComponent(drawn)}`;
  });
}
