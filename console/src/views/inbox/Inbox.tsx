import { useSignal } from '@preact/signals';
import { useLoaded } from '../../state/loaded';
import { confirm } from '../../ui/dialog';
import { Pager, usePages } from '../../ui/pager';
import { Badge, Empty, Field, Page, Shown } from '../../ui/parts';
import { Time } from '../../ui/time';
import { attempt } from '../../ui/toast';
import { deliver, items, post, remove, type Item, type Priority } from './api';

const floors: Record<Priority, string> = { later: 'Everything', next: 'Next and more urgent', now: 'Only what can\'t wait' };

/** What others left for the agent, the most urgent first. */
export default function Inbox() {
  const floor = useSignal<Priority>('later');
  const delivered = useSignal(false);
  const pages = usePages();
  const read = useLoaded(signal => items(floor.value, delivered.value, pages.cursor, signal), [floor.value, delivered.value, pages.cursor], ['inbox']);
  return (
    <Page title="Inbox">
      <Post posted={read.again} />
      <div class="row">
        <Field label="Priority">{control => (
          <select {...control} class="input" value={floor.value} onChange={e => { floor.value = e.currentTarget.value as Priority; }}>
            {Object.entries(floors).map(([value, label]) => <option key={value} value={value}>{label}</option>)}
          </select>
        )}</Field>
        <label class="row"><input type="checkbox" checked={delivered.value} onChange={e => { delivered.value = e.currentTarget.checked; }} /> Also what was delivered</label>
      </div>
      <Shown of={read}>
        {page => page.items.length === 0 && pages.depth === 0 ? <Empty title="Nothing waits">What is posted here, to /api/inbox or by other agents is given to the agent by its priority.</Empty> : (
          <>
            <div class="scroll-x panel" tabIndex={0} role="group" aria-label="Inbox, scrolls sideways">
              <table class="table">
                <caption class="visually-hidden">Items, the most urgent first</caption>
                <thead><tr><th scope="col">Priority</th><th scope="col">What</th><th scope="col">From</th><th scope="col">State</th><th scope="col">Came</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
                <tbody>{page.items.map(item => <Row key={item.id} item={item} changed={read.again} />)}</tbody>
              </table>
            </div>
            <Pager pages={pages} next={page.next} of="the inbox" />
          </>
        )}
      </Shown>
    </Page>
  );
}

function Row({ item, changed }: { item: Item; changed: () => Promise<void> }) {
  const waits = item.status !== 'delivered' && item.status !== 'expired';
  const take = async () => {
    if (await confirm('Delete this item?', `“${item.text.slice(0, 200)}” is deleted, and the agent is not told of it.`, 'Delete')) await attempt(() => remove(item.id).then(changed), 'The item is deleted');
  };
  return (
    <tr>
      <td><Badge tone={item.priority === 'now' ? 'warn' : ''}>{item.priority}</Badge></td>
      <td class="wrap">{item.text}{item.last_error && <div><small>{item.last_error} (attempt {item.attempts})</small></div>}</td>
      <td>{item.source}</td>
      <td><Badge tone={item.status === 'delivered' ? 'good' : item.status === 'expired' ? 'bad' : ''}>{item.status}</Badge></td>
      <td><Time at={item.created_at} how="ago" /></td>
      <td class="right">
        {waits && <button type="button" class="button small" onClick={() => void attempt(() => deliver(item.id).then(changed), 'It is dealt with')}>Dealt with</button>}
        <button type="button" class="button quiet small" aria-label={`Delete ${item.text.slice(0, 60)}`} onClick={() => void take()}>Delete</button>
      </td>
    </tr>
  );
}

function Post({ posted }: { posted: () => Promise<void> }) {
  const text = useSignal('');
  const priority = useSignal<Priority>('next');
  const submit = async () => {
    if (await attempt(() => post(text.value.trim(), priority.value), 'It is in the inbox')) {
      text.value = '';
      await posted();
    }
  };
  return (
    <form class="panel stack" style={{ padding: '12px' }} aria-label="Post to the inbox" onSubmit={e => { e.preventDefault(); void submit(); }}>
      <Field label="Leave something for the agent">{control => <textarea {...control} class="input" rows={2} required value={text.value} onInput={e => { text.value = e.currentTarget.value; }} />}</Field>
      <div class="row between">
        <Field label="How urgent">{control => (
          <select {...control} class="input" value={priority.value} onChange={e => { priority.value = e.currentTarget.value as Priority; }}>
            <option value="now">Now: at once</option><option value="next">Next: with its next turn</option><option value="later">Later: when it looks</option>
          </select>
        )}</Field>
        <button type="submit" class="button primary" disabled={!text.value.trim()}>Post</button>
      </div>
    </form>
  );
}
