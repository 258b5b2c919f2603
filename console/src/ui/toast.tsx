import { signal } from '@preact/signals';
import { words } from '../api/problem';

interface Toast {
  id: number;
  text: string;
  bad: boolean;
  action?: { label: string; run: () => void };
}

const toasts = signal<Toast[]>([]);
let count = 0;

/** Says that something was done; for a few seconds, longer when something can be done about it. */
export function say(text: string, action?: Toast['action']) {
  show({ id: ++count, text, bad: false, ...(action ? { action } : {}) }, action ? 12_000 : 5_000);
}

/** Says that something went wrong, until it is closed. */
export function complain(error: unknown) {
  show({ id: ++count, text: words(error), bad: true }, null);
}

/** Does it, and complains if it can't be done. True when it was. */
export async function attempt(work: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await work();
    if (done) say(done);
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

function show(toast: Toast, milliseconds: number | null) {
  toasts.value = [...toasts.value, toast].slice(-5);
  if (milliseconds) setTimeout(() => close(toast.id), milliseconds);
}

function close(id: number) {
  toasts.value = toasts.value.filter(t => t.id !== id);
}

/** Where they appear. Once in the frame. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(toast => (
        <div key={toast.id} class={`toast ${toast.bad ? 'bad' : ''}`}>
          <span class="grow wrap">{toast.text}</span>
          {toast.action && <button type="button" class="button small" onClick={() => { toast.action!.run(); close(toast.id); }}>{toast.action.label}</button>}
          <button type="button" class="button quiet small" aria-label="Close" onClick={() => close(toast.id)}>×</button>
        </div>
      ))}
    </div>
  );
}
