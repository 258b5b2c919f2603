import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

/** A modal dialog: the browser's own, which keeps the focus in and gives it back. One in which something was written is not closed by a press beside it. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const written = useRef(false);
  const gone = useRef(false);
  // Before anything else is heard: what is typed at once is typed into it.
  useLayoutEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => {
      gone.current = true;
      element.close();
    };
  }, []);
  // A browser closes it at the second Escape, whatever it was told at the first: what is to stay is opened again.
  const closed = () => {
    if (gone.current) return;
    onClose();
    setTimeout(() => { if (!gone.current && !dialog.current?.open) dialog.current?.showModal(); });
  };
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onCancel={e => { e.preventDefault(); onClose(); }} onClose={closed}
      onInput={e => { written.current ||= (e.target as HTMLElement).closest('form') !== null; }}
      onMouseDown={e => { if (e.target === dialog.current && !written.current) onClose(); }}>
      <div>
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

interface Question {
  title: string;
  text: string;
  action: string;
  danger: boolean;
  answer: (yes: boolean) => void;
}

const asked = signal<Question | null>(null);

/** Asks before something that can't be taken back. */
export function confirm(title: string, text: string, action: string, danger = true): Promise<boolean> {
  return new Promise(answer => { asked.value = { title, text, action, danger, answer }; });
}

/** Where `confirm` asks. Once in the frame. */
export function Confirming() {
  const question = asked.value;
  if (!question) return null;
  const end = (yes: boolean) => { asked.value = null; question.answer(yes); };
  return (
    <Dialog title={question.title} onClose={() => end(false)}>
      <p class="wrap">{question.text}</p>
      <div class="actions">
        <button type="button" class="button" onClick={() => end(false)} autofocus>Cancel</button>
        <button type="button" class={`button ${question.danger ? 'danger' : 'primary'}`} onClick={() => end(true)}>{question.action}</button>
      </div>
    </Dialog>
  );
}
