import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import { commands, type Command } from './api';

const key = (id: string | null) => `protoagent.draft.${id ?? ''}`;

/** What is to be said. A draft stays through a reload, and is given back when it could not be sent. */
export function Composer({ session, running, onSend, onStop }: {
  session: string | null; running: boolean; onSend: (text: string, incognito: boolean) => Promise<boolean>; onStop: () => void;
}) {
  const text = useSignal('');
  const incognito = useSignal(false);
  const sending = useSignal(false);
  const known = useSignal<Command[]>([]);
  const at = useSignal(0);
  const closed = useSignal(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  useEffect(() => {
    text.value = sessionStorage.getItem(key(session)) ?? '';
    field.current?.focus();
  }, [session]);

  const change = (value: string) => {
    text.value = value;
    at.value = 0;
    closed.value = false;
    value ? sessionStorage.setItem(key(session), value) : sessionStorage.removeItem(key(session));
    if (value.startsWith('/') && known.value.length === 0) void commands().then(page => { known.value = page.items; }, () => undefined);
  };

  const typed = /^\/([^\s]*)$/.exec(text.value)?.[1];
  const offered = typed === undefined || closed.value ? [] : known.value.filter(c => c.name.startsWith(typed) && c.name !== typed).slice(0, 8);
  const take = (command: Command) => {
    change(`/${command.name} `);
    field.current?.focus();
  };

  const submit = async () => {
    const message = text.value.trim();
    if (!message || sending.value) return;
    sending.value = true;
    if (await onSend(message, incognito.value)) change('');
    sending.value = false;
    field.current?.focus();
  };

  const keys = (e: KeyboardEvent) => {
    if (e.isComposing) return;
    if (offered.length > 0) {
      if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
        e.preventDefault();
        at.value = (at.value + (e.key === 'ArrowDown' ? 1 : offered.length - 1)) % offered.length;
        return;
      }

      if (e.key === 'Tab' || e.key === 'Enter') {
        e.preventDefault();
        take(offered[at.value]!);
        return;
      }

      if (e.key === 'Escape') {
        e.preventDefault();
        closed.value = true;
        return;
      }
    }

    if (e.key === 'Enter' && !e.shiftKey) {
      e.preventDefault();
      void submit();
    }
  };

  return (
    <form class="chat-composer" onSubmit={e => { e.preventDefault(); void submit(); }}>
      {offered.length > 0 && (
        <ul class="panel" role="listbox" id={`${id}-commands`} aria-label="Commands">
          {offered.map((c, i) => (
            <li key={c.name} id={`${id}-${i}`} role="option" aria-selected={i === at.value} onMouseDown={e => { e.preventDefault(); take(c); }}>
              <strong>/{c.name}</strong> <small>{c.description}</small>
            </li>
          ))}
        </ul>
      )}
      <textarea ref={field} class="input" rows={3} aria-label="Message" placeholder={running ? 'Say something to the running turn' : 'Ask something, or / for commands'} value={text.value}
        aria-autocomplete="list" {...(offered.length > 0 ? { 'aria-controls': `${id}-commands`, 'aria-activedescendant': `${id}-${at.value}` } : {})}
        onInput={e => change(e.currentTarget.value)} onKeyDown={keys} />
      <div class="row between">
        <span class="row">
          {session === null && <label class="row"><input type="checkbox" checked={incognito.value} onChange={e => { incognito.value = e.currentTarget.checked; }} /> Incognito: kept nowhere</label>}
          <small>Enter sends, Shift+Enter is a new line</small>
        </span>
        <span class="row">
          {running && <button type="button" class="button danger" onClick={onStop}>Stop</button>}
          <button type="submit" class="button primary" disabled={sending.value || !text.value.trim()}>{running ? 'Say it' : 'Send'}</button>
        </span>
      </div>
    </form>
  );
}
