import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { words } from '../api/problem';

/**
 * A page of the console with its heading; what can be done on it stands beside.
 * @param whole takes the height there is, and scrolls inside
 */
export function Page({ title, actions, whole = false, children }: { title: string; actions?: ComponentChildren; whole?: boolean; children: ComponentChildren }) {
  return (
    <div class={`page ${whole ? 'whole' : ''}`}>
      <div class="head"><h1 tabIndex={-1}>{title}</h1>{actions}</div>
      {children}
    </div>
  );
}

/** Where one goes on when what had the focus is gone, or another page is shown. */
export const focusHeading = () => document.querySelector<HTMLElement>('main h1')?.focus();

/** A labelled control. The control gets the id it must carry, and what describes it. */
export function Field({ label, hint, error, children }: {
  label: string; hint?: ComponentChildren; error?: string | null | undefined;
  children: (control: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }) => ComponentChildren;
}) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, ...(described ? { 'aria-describedby': described } : {}), ...(error ? { 'aria-invalid': true } : {}) })}
      {hint && <small id={`${id}-hint`}>{hint}</small>}
      {error && <div class="error" id={`${id}-error`}>{error}</div>}
    </div>
  );
}

/** What went wrong, and a way to try again. */
export function Trouble({ error, again }: { error: unknown; again?: () => void }) {
  if (!error) return null;
  return (
    <div class="banner bad" role="alert">
      <p class="grow wrap">{words(error)}</p>
      {again && <button type="button" class="button small" onClick={again}>Try again</button>}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return <div class="empty"><strong>{title}</strong>{children}</div>;
}

export function Spinner({ label = 'Loading' }: { label?: string }) {
  return <span class="row" role="status"><span class="spinner" aria-hidden="true" /><span class="visually-hidden">{label}</span></span>;
}

/** Read, or why not, or that there is nothing. */
export function Shown<T>({ of, children }: { of: { data: T | null; error: unknown; loading: boolean; again: () => void }; children: (data: T) => ComponentChildren }) {
  return (
    <>
      {of.error !== null && <Trouble error={of.error} again={of.again} />}
      {of.data !== null ? children(of.data) : of.loading && <Spinner />}
    </>
  );
}

export type Tone = 'good' | 'bad' | 'warn' | 'accent' | '';

export function Badge({ tone = '', children, title }: { tone?: Tone; children: ComponentChildren; title?: string }) {
  return <span class={`badge ${tone}`} title={title}>{children}</span>;
}

/** How far, 0 to 1. */
export function Progress({ value, label }: { value: number; label: string }) {
  const percent = Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <div class="progress" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
      <div style={{ width: `${percent}%` }} />
    </div>
  );
}

/** Copies, and says so. */
export function Copy({ text, label = 'Copy' }: { text: string; label?: string }) {
  return <button type="button" class="button quiet small" onClick={e => void copy(e.currentTarget, text, label)}>{label}</button>;
}

/** The same as an element, for what is not drawn by components. */
export function copies(text: () => string, label: string): HTMLButtonElement {
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'button quiet small', textContent: label });
  button.addEventListener('click', () => void copy(button, text(), label));
  return button;
}

async function copy(button: HTMLButtonElement, text: string, label: string) {
  // Without TLS and not on loopback the browser gives a page no clipboard.
  const done = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  button.textContent = done ? 'Copied' : 'Not allowed here: select it and copy';
  setTimeout(() => { button.textContent = label; }, 1500);
}
