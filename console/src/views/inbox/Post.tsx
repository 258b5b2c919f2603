import { useSignal } from '@preact/signals';
import { Field } from '../../ui/parts';
import { attempt, say } from '../../ui/toast';
import { post, type Priority } from './api';

/** As whom the console posts, unless somebody says otherwise. */
const Source = 'console';

export function Post({ posted }: { posted: () => Promise<void> }) {
  const text = useSignal('');
  const priority = useSignal<Priority>('next');
  const source = useSignal(Source);
  const key = useSignal('');
  const submit = () => attempt(async () => {
    const { item, deduplicated } = await post({ text: text.value.trim(), priority: priority.value, source: source.value.trim() || Source, dedup_key: key.value.trim() || null });
    if (deduplicated) {
      // What was typed stays: it is not in the inbox, and may be meant with another key.
      say(item.status === 'delivered' ? 'One with this key came a short while ago and is dealt with: nothing was added.' : 'One with this key waits already: nothing was added.');
      return;
    }

    say('It is in the inbox');
    text.value = key.value = '';
    await posted();
  });
  return (
    <form class="panel stack" aria-label="Post to the inbox" onSubmit={e => { e.preventDefault(); void submit(); }}>
      <Field label="Leave something for the agent">{control => <textarea {...control} class="input" dir="auto" rows={2} required value={text.value} onInput={e => { text.value = e.currentTarget.value; }} />}</Field>
      <details class="inbox-more">
        <summary>Source and key</summary>
        <div class="grid">
          <Field label="Source" hint="Who sends it; what comes from one source too often is refused.">
            {control => <input {...control} class="input" dir="auto" autocomplete="off" maxLength={128} value={source.value} onInput={e => { source.value = e.currentTarget.value; }} />}
          </Field>
          <Field label="Key against duplicates" hint="Names what it is about: a second one of the same key soon after is not added.">
            {control => <input {...control} class="input" dir="auto" autocomplete="off" maxLength={256} value={key.value} onInput={e => { key.value = e.currentTarget.value; }} />}
          </Field>
        </div>
      </details>
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
