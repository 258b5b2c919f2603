import './code.css';
import { useLayoutEffect, useRef } from 'preact/hooks';

export interface Mark {
  /** From 1. */
  line: number | null;
  message: string;
}

/** Text that has lines: numbered, with what is wrong at its line. A plain text field beneath, so that every aid of the browser works. */
export function CodeEditor({ value, onChange, marks = [], label, id, readOnly = false }: {
  value: string; onChange: (value: string) => void; marks?: Mark[]; label: string; id?: string; readOnly?: boolean;
}) {
  const numbers = useRef<HTMLOListElement>(null);
  const text = useRef<HTMLTextAreaElement>(null);
  const lines = value.split('\n').length;
  const wrong = new Map(marks.filter(m => m.line !== null).map(m => [m.line, m.message]));
  useLayoutEffect(() => { if (numbers.current) numbers.current.scrollTop = text.current!.scrollTop; }, [value]);

  const keys = (e: KeyboardEvent) => {
    // Tab leaves the field, as everywhere; indenting is what a new line does by itself.
    if (e.key !== 'Enter' || readOnly || e.isComposing || e.ctrlKey || e.metaKey) return;
    const field = text.current!;
    const before = field.value.slice(0, field.selectionStart);
    const indent = /^[ ]*/.exec(before.slice(before.lastIndexOf('\n') + 1))![0];
    if (indent === '') return;
    e.preventDefault();
    field.setRangeText(`\n${indent}`, field.selectionStart, field.selectionEnd, 'end');
    onChange(field.value);
  };

  return (
    <div class="code-editor">
      <ol ref={numbers} aria-hidden="true">
        {Array.from({ length: lines }, (_, i) => <li key={i} class={wrong.has(i + 1) ? 'wrong' : ''} title={wrong.get(i + 1)}>{i + 1}</li>)}
      </ol>
      <textarea ref={text} id={id} class="mono" aria-label={label} aria-invalid={marks.length > 0} spellcheck={false} autocomplete="off" autocapitalize="off" wrap="off" readOnly={readOnly} value={value}
        onInput={e => onChange(e.currentTarget.value)} onKeyDown={keys} onScroll={e => { numbers.current!.scrollTop = e.currentTarget.scrollTop; }} />
    </div>
  );
}

/** What is wrong, with the lines; each leads to its line. */
export function Marks({ marks, onGo }: { marks: Mark[]; onGo?: (line: number) => void }) {
  if (marks.length === 0) return null;
  return (
    <div class="banner bad" role="alert"><ul class="code-marks">
      {marks.map((mark, i) => (
        <li key={i} class="wrap">
          {mark.line !== null && (onGo ? <button type="button" class="button small quiet" onClick={() => onGo(mark.line!)}>line {mark.line}</button> : <strong>line {mark.line} </strong>)}
          {mark.message}
        </li>
      ))}
    </ul></div>
  );
}
