import { computed, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { go } from '../state/route';
import { Dialog } from '../ui/dialog';
import { views } from '../views';
import { theme } from './colours';

interface Command {
  title: string;
  hint?: string;
  run: () => void;
}

const open = signal(false);
const typed = signal('');
const chosen = signal(0);

export function openPalette() {
  typed.value = '';
  chosen.value = 0;
  open.value = true;
}

const all = computed<Command[]>(() => [
  ...views.map(view => ({ title: view.title, hint: 'go to', run: () => go(view.id) })),
  { title: 'New conversation', hint: 'chat', run: () => go('chat') },
  ...(['system', 'light', 'dark'] as const).map(t => ({ title: `Colours: ${t}`, hint: theme.value === t ? 'as it is' : 'appearance', run: () => { theme.value = t; } })),
]);

const found = computed(() => {
  const parts = typed.value.toLowerCase().split(/\s+/).filter(Boolean);
  return all.value.filter(c => parts.every(p => `${c.title} ${c.hint ?? ''}`.toLowerCase().includes(p)));
});

/** Everything by name, from the keyboard. */
export function Palette() {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => { list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }); }, [chosen.value]);
  if (!open.value) return null;
  const close = () => { open.value = false; };
  const run = (command: Command | undefined) => { close(); command?.run(); };
  const keys = (e: KeyboardEvent) => {
    const count = found.value.length;
    if (e.key === 'ArrowDown') chosen.value = (chosen.value + 1) % Math.max(1, count);
    else if (e.key === 'ArrowUp') chosen.value = (chosen.value + count - 1) % Math.max(1, count);
    else if (e.key === 'Enter') run(found.value[chosen.value]);
    else return;
    e.preventDefault();
  };

  return (
    <Dialog title="Find" onClose={close}>
      <div class="palette stack" onKeyDown={keys}>
        <input class="input" autofocus role="combobox" aria-expanded="true" aria-controls="palette-list" aria-label="What to do"
          aria-activedescendant={found.value.length ? `palette-${chosen.value}` : undefined} value={typed.value}
          onInput={e => { typed.value = e.currentTarget.value; chosen.value = 0; }} />
        <ul id="palette-list" ref={list} role="listbox" aria-label="Found">
          {found.value.map((command, i) => (
            <li key={command.title} id={`palette-${i}`} role="option" aria-selected={i === chosen.value} onMouseMove={() => { chosen.value = i; }} onClick={() => run(command)}>
              <span>{command.title}</span><span class="soft">{command.hint}</span>
            </li>
          ))}
        </ul>
        {found.value.length === 0 && <p class="soft">Nothing of that name.</p>}
      </div>
    </Dialog>
  );
}
