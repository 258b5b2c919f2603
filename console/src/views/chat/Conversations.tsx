import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useLoaded } from '../../state/loaded';
import { go, href } from '../../state/route';
import { confirm } from '../../ui/dialog';
import { Empty, Shown } from '../../ui/parts';
import { Time } from '../../ui/time';
import { attempt } from '../../ui/toast';
import { forget, sessions, type Session } from './api';
import type { Page } from '../../api/http';

/** The conversations there are, the last first. Where there is little room they are shown when they are asked for, until one is chosen. */
export function Conversations({ current }: { current: string | null }) {
  const q = useSignal('');
  const open = useSignal(false);
  useEffect(() => { open.value = false; }, [current]);
  const more = useSignal<Page<Session> | null>(null);
  const read = useLoaded(signal => sessions(q.value, null, signal).then(page => { more.value = null; return page; }), [q.value], ['turn.started', 'turn.done', 'session']);
  const next = more.value ? more.value.next : read.data?.next ?? null;
  return (
    <nav class="chat-list" aria-label="Conversations" data-open={open.value}>
      <div class="row">
        <a class="button primary grow" href={href('chat')}>New chat</a>
        <button type="button" class="button grow chat-toggle" aria-expanded={open.value} aria-controls="chat-found" onClick={() => { open.value = !open.value; }}>Conversations</button>
      </div>
      <div class="chat-found stack" id="chat-found">
        <input class="input" type="search" aria-label="Search conversations" placeholder="Search" value={q.value} onInput={e => { q.value = e.currentTarget.value; }} />
        <Shown of={read}>
          {page => page.items.length === 0 && !page.next ? <Empty title={q.value ? 'No conversation has that in its title' : 'No conversation yet'} /> : (
            <ul>{[...page.items, ...more.value?.items ?? []].map(s => <Row key={s.id} session={s} isCurrent={s.id === current} />)}</ul>
          )}
        </Shown>
        {next && <button type="button" class="button small" onClick={() => void attempt(async () => {
          const page = await sessions(q.value, next);
          more.value = { items: [...more.value?.items ?? [], ...page.items], next: page.next };
        })}>Older</button>}
      </div>
    </nav>
  );
}

function Row({ session, isCurrent }: { session: Session; isCurrent: boolean }) {
  const title = session.title || session.id;
  const remove = async () => {
    if (!await confirm('Delete this conversation?', `“${title}” and what is remembered of it are deleted. That can't be undone.`, 'Delete')) return;
    if (await attempt(() => forget(session.id), 'The conversation is deleted') && isCurrent) go('chat');
  };
  return (
    <li class="row">
      <a class="grow ellipsis" href={href('chat', session.id)} aria-current={isCurrent ? 'page' : undefined} title={title}>{title}<br /><small><Time at={session.updated_at} how="ago" /></small></a>
      <button type="button" class="button quiet small" aria-label={`Delete ${title}`} onClick={() => void remove()}>×</button>
    </li>
  );
}
