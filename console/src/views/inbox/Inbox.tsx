import './inbox.css';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useLoaded } from '../../state/loaded';
import { href, route } from '../../state/route';
import { Pager, usePages } from '../../ui/pager';
import { Badge, Empty, Field, Page, Shown } from '../../ui/parts';
import { Time } from '../../ui/time';
import { items, type Item, type Priority } from './api';
import { Actions, State } from './Item';
import { ItemPage } from './ItemPage';
import { Post } from './Post';

const floors: Record<Priority, string> = { later: 'Everything', next: 'Next and more urgent', now: 'Only what can\'t wait' };

/** What others left for the agent, the most urgent first. */
export default function Inbox() {
  const [id] = route.value.rest;
  return id ? <ItemPage key={id} id={id} /> : <All />;
}

function All() {
  const floor = useSignal<Priority>('later');
  const delivered = useSignal(false);
  const pages = usePages();
  const read = useLoaded(signal => items(floor.value, delivered.value, pages.cursor, signal), [floor.value, delivered.value, pages.cursor], ['inbox']);

  // What was on this page is gone, by somebody's hand or read by the agent: nobody is left standing on an empty one.
  const gone = read.data?.items.length === 0 && pages.depth > 0;
  useEffect(() => { if (gone) pages.back(); }, [read.data]);

  const show = (change: { floor?: Priority; delivered?: boolean }) => {
    pages.first();
    floor.value = change.floor ?? floor.value;
    delivered.value = change.delivered ?? delivered.value;
  };
  return (
    <Page title="Inbox">
      <Post posted={read.again} />
      <div class="row">
        <Field label="Priority">{control => (
          <select {...control} class="input" value={floor.value} onChange={e => show({ floor: e.currentTarget.value as Priority })}>
            {Object.entries(floors).map(([value, label]) => <option key={value} value={value}>{label}</option>)}
          </select>
        )}</Field>
        <label class="row"><input type="checkbox" checked={delivered.value} onChange={e => show({ delivered: e.currentTarget.checked })} /> Also what was delivered</label>
      </div>
      <Shown of={read}>
        {page => page.items.length === 0 && pages.depth === 0 ? <Nothing floor={floor.value} delivered={delivered.value} everything={() => show({ floor: 'later' })} /> : (
          <>
            <div class="scroll-x panel" tabIndex={0} role="group" aria-label="Inbox, scrolls sideways">
              <table class="table">
                <caption class="visually-hidden">Items, the most urgent first</caption>
                <thead><tr><th scope="col">Priority</th><th scope="col">What</th><th scope="col">From</th><th scope="col">State</th><th scope="col">Came</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
                <tbody>{page.items.map(item => <Row key={item.id} item={item} changed={read.again} />)}</tbody>
              </table>
            </div>
            <Pager pages={pages} next={page.next} of="the inbox" labels={['Previous', 'Next']} />
          </>
        )}
      </Shown>
    </Page>
  );
}

function Nothing({ floor, delivered, everything }: { floor: Priority; delivered: boolean; everything: () => void }) {
  if (floor === 'later') {
    return <Empty title={delivered ? 'Nothing waits, and nothing was delivered' : 'Nothing waits'}>What is posted here, to /api/inbox or by other agents is given to the agent by its priority.</Empty>;
  }

  return (
    <Empty title="Nothing is that urgent">
      <p>Something less urgent may wait all the same.</p>
      <button type="button" class="button" onClick={everything}>Show everything</button>
    </Empty>
  );
}

function Row({ item, changed }: { item: Item; changed: () => Promise<void> }) {
  return (
    <tr>
      <td><Badge tone={item.priority === 'now' ? 'warn' : ''}>{item.priority}</Badge></td>
      <td class="wrap"><div dir="auto">{item.text}</div>{item.last_error && <div><small>{item.last_error}</small></div>}</td>
      <td class="wrap">{item.source}{item.dedup_key && <div><small>key <code>{item.dedup_key}</code></small></div>}</td>
      <td><State item={item} /></td>
      <td><Time at={item.created_at} how="ago" /></td>
      <td>
        <div class="row inbox-actions">
          <a class="button small" href={href('inbox', item.id)} aria-label={`Open ${item.text.slice(0, 60)}`}>Open</a>
          <Actions item={item} changed={changed} gone={changed} />
        </div>
      </td>
    </tr>
  );
}
