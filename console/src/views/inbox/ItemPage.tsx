import { sessionOf } from '../../api/turns';
import { useLoaded } from '../../state/loaded';
import { go, href } from '../../state/route';
import { Badge, Page, Shown } from '../../ui/parts';
import { Time } from '../../ui/time';
import { attempt } from '../../ui/toast';
import { item as read, type Item } from './api';
import { Actions, State } from './Item';

/** One item, also when it is dealt with and no list shows it. */
export function ItemPage({ id }: { id: string }) {
  const loaded = useLoaded(signal => read(id, signal), [id], ['inbox']);
  return (
    <Page title="Item of the inbox" actions={loaded.data && <Actions item={loaded.data} changed={loaded.again} gone={() => go('inbox')} />}>
      <nav aria-label="Back"><a href={href('inbox')}>The inbox</a></nav>
      <Shown of={loaded}>
        {item => (
          <div class="panel stack">
            <p class="wrap inbox-text" dir="auto">{item.text}</p>
            <Facts item={item} />
          </div>
        )}
      </Shown>
    </Page>
  );
}

function Facts({ item }: { item: Item }) {
  const open = () => void attempt(async () => go('chat', await sessionOf(item.turn_id!)));
  return (
    <dl class="inbox-facts">
      <div><dt>state</dt><dd><State item={item} /></dd></div>
      <div><dt>priority</dt><dd><Badge tone={item.priority === 'now' ? 'warn' : ''}>{item.priority}</Badge></dd></div>
      <div><dt>from</dt><dd>{item.source}</dd></div>
      {item.dedup_key && <div><dt>key</dt><dd><code>{item.dedup_key}</code></dd></div>}
      <div><dt>came</dt><dd><Time at={item.created_at} how="full" /></dd></div>
      {item.last_error && <div><dt>last error</dt><dd>{item.last_error}</dd></div>}
      {item.turn_id && <div><dt>turn</dt><dd><button type="button" class="button small" onClick={open}>Open its conversation</button></dd></div>}
    </dl>
  );
}
