import { confirm } from '../../ui/dialog';
import { Badge, focusHeading, type Tone } from '../../ui/parts';
import { Time } from '../../ui/time';
import { attempt } from '../../ui/toast';
import { deliver, remove, type Item } from './api';

const tones: Record<string, Tone> = { claimed: 'accent', delivered: 'good', expired: 'bad' };

/** How it stands: what was tried, what comes next, when it was over. */
export function State({ item }: { item: Item }) {
  return (
    <>
      <Badge tone={tones[item.status] ?? ''}>{item.status}</Badge>
      {item.delivered_at && <div><small><Time at={item.delivered_at} how="ago" /></small></div>}
      {item.attempts > 0 && <div><small>{item.attempts} failed {item.attempts === 1 ? 'attempt' : 'attempts'}</small></div>}
      {item.due_at && <div><small>next attempt <Time at={item.due_at} how="ago" /></small></div>}
    </>
  );
}

/** @param gone told when it was deleted; else `changed` is. */
export function Actions({ item, changed, gone }: { item: Item; changed: () => Promise<void>; gone: () => unknown }) {
  const waits = item.status !== 'delivered' && item.status !== 'expired';
  const drop = async () => {
    const told = waits ? ', and the agent is not told of it' : '';
    if (await confirm('Delete this item?', `“${item.text.slice(0, 200)}” is deleted${told}.`, 'Delete')) await attempt(() => remove(item.id).then(gone), 'The item is deleted');
  };
  return (
    <>
      {waits && <button type="button" class="button small" onClick={() => void attempt(() => deliver(item.id).then(changed).then(focusHeading), 'It is dealt with')}>Dealt with</button>}
      <button type="button" class="button quiet small" aria-label={`Delete ${item.text.slice(0, 60)}`} onClick={() => void drop()}>Delete</button>
    </>
  );
}
