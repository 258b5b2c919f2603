import { signal, useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import { status } from '../../state/instance';
import { commands, models, type Command } from './api';

/** How a message is to be answered. */
export interface Wish { model: string | null; incognito: boolean }

/** The model that was chosen: for as long as the tab lives, whichever conversation is shown. Empty for the agent's own. */
const model = signal('');

const key = (id: string | null) => `protoagent.draft.${id ?? ''}`;
const keep = (id: string | null, draft: string) => draft ? sessionStorage.setItem(key(id), draft) : sessionStorage.removeItem(key(id));

/**
 * What is to be said. A draft stays through a reload, and is given back when it could not be sent. One a conversation: it is made anew for
 * another, with its draft.
 * @param onSend the conversation it was sent to, or null when it was not
 */
export function Composer({ session, running, onSend, onStop }: {
  session: string | null; running: boolean; onSend: (text: string, wish: Wish) => Promise<string | null>; onStop: () => void;
}) {
  const text = useSignal(sessionStorage.getItem(key(session)) ?? '');
  const unsent = useSignal<string | null>(null);
  const incognito = useSignal(false);
  const choice = useSignal<string[]>([]);
  const known = useSignal<Command[]>([]);
  const at = useSignal(0);
  const closed = useSignal(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  useEffect(() => {
    field.current?.focus();
    void models().then(names => { choice.value = names; }, () => undefined);
  }, []);

  const change = (value: string) => {
    text.value = value;
    at.value = 0;
    closed.value = false;
    keep(session, [unsent.value ?? '', value].filter(Boolean).join('\n'));
    if (value.startsWith('/') && known.value.length === 0) void commands().then(page => { known.value = page.items; }, () => undefined);
  };

  const typed = /^\/([^\s]*)$/.exec(text.value)?.[1];
  const offered = typed === undefined || closed.value ? [] : known.value.filter(c => c.name.startsWith(typed) && c.name !== typed).slice(0, 8);
  const take = (command: Command) => {
    change(`/${command.name} `);
    field.current?.focus();
  };

  // The field is free at once for what comes next; until the instance has taken it, what was sent is still part of the draft.
  const submit = async () => {
    const message = text.value.trim();
    if (!message || unsent.value !== null) return;
    unsent.value = message;
    text.value = '';
    const sent = await onSend(message, { model: model.value || null, incognito: incognito.value });
    unsent.value = null;
    if (sent === null) change([message, text.value].filter(Boolean).join('\n'));
    else {
      keep(session, '');
      keep(sent, text.value);
    }

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
          {choice.value.length > 1 && !running && (
            <select class="input" aria-label="Model" value={model.value} onChange={e => { model.value = e.currentTarget.value; }}>
              <option value="">{status.value?.model.name ?? 'The agent\u2019s model'}</option>
              {choice.value.filter(name => name !== status.value?.model.name).map(name => <option key={name} value={name}>{name}</option>)}
            </select>
          )}
          <small>Enter sends, Shift+Enter is a new line</small>
        </span>
        <span class="row">
          {running && <button type="button" class="button danger" onClick={onStop}>Stop</button>}
          <button type="submit" class="button primary" disabled={unsent.value !== null || !text.value.trim()}>{running ? 'Say it' : 'Send'}</button>
        </span>
      </div>
    </form>
  );
}
