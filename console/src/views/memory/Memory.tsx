import { route } from '../../state/route';
import { Page } from '../../ui/parts';
import { Facts } from './Facts';
import { Injections } from './Injections';
import { SessionPage } from './SessionPage';
import { Sessions } from './Sessions';

const Tabs = [['hot', 'Always in mind'], ['sessions', 'Conversations'], ['injections', 'What entered which turn']] as const;

/** What the agent remembers of conversations, what it always has in mind, and what of it entered which turn. */
export default function Memory() {
  const [tab = 'hot', id] = route.value.rest;
  if (tab === 'session' && id) return <SessionPage id={id} />;
  return (
    <Page title="Memory">
      <nav class="tabs" aria-label="Memory">
        {Tabs.map(([name, title]) => <a key={name} href={`#/memory/${name}`} aria-current={tab === name ? 'page' : undefined}>{title}</a>)}
      </nav>
      {tab === 'sessions' ? <Sessions /> : tab === 'injections' ? <Injections session={id ?? ''} /> : <Facts />}
    </Page>
  );
}
