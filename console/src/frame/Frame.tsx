import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { unauthorized } from '../api/http';
import { route } from '../state/route';
import { Confirming } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { Toasts } from '../ui/toast';
import { views } from '../views';
import { Header } from './Header';
import { Palette, openPalette } from './Palette';
import { SignIn } from './SignIn';
import { Stage } from './Stage';
import { Warnings } from './Warnings';
import { waiting } from './waiting';

/** What is always there: which instance this is, what stands in its way, and the way to everything else. */
export function Frame() {
  const main = useRef<HTMLElement>(null);
  const menu = useRef<HTMLElement>(null);
  useEffect(() => effect(() => {
    // A view that is chosen begins at its top.
    route.value.view;
    main.current?.scrollTo(0, 0);
    // Where the menu is a row, the view may be one that is not in sight.
    menu.current?.querySelector(`a[href="#/${route.value.view}"]`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }), []);
  useEffect(() => {
    const keys = (e: KeyboardEvent) => {
      if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k') {
        e.preventDefault();
        openPalette();
      }
    };
    addEventListener('keydown', keys);
    return () => removeEventListener('keydown', keys);
  }, []);

  return (
    <div class="frame">
      <a class="button skip" href="#main" onClick={e => { e.preventDefault(); main.current?.focus(); }}>Skip to content</a>
      <div class="band" aria-hidden="true" />
      <Header />
      <nav ref={menu} aria-label="Views">
        <ul>
          {views.map(view => {
            const count = waiting.value[view.id] ?? 0;
            return (
              <li key={view.id}>
                <a href={`#/${view.id}`} aria-current={route.value.view === view.id ? 'page' : undefined}>
                  <Icon name={view.icon} size={18} /><span>{view.title}</span>
                  {count > 0 && <span class="badge accent count" aria-label={`${count} waiting`}>{count}</span>}
                </a>
              </li>
            );
          })}
        </ul>
      </nav>
      <Warnings />
      <main id="main" ref={main} tabIndex={-1}>
        <Stage />
      </main>
      <Palette />
      <Confirming />
      {unauthorized.value && <SignIn />}
      <Toasts />
    </div>
  );
}
