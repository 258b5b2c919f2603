import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

/** A modal dialog: the browser's own, which keeps the focus in and gives it back. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close();
  }, []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onCancel={e => { e.preventDefault(); onClose(); }}
      onMouseDown={e => { if (e.target === dialog.current) onClose(); }}>
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
