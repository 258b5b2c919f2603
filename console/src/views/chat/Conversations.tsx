import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { pages } from '../../api/http';
import { approvals } from '../../frame/waiting';
import { useLoaded } from '../../state/loaded';
import { go, href } from '../../state/route';
import { confirm } from '../../ui/dialog';
import { Badge, Empty, Shown } from '../../ui/parts';
import { Time } from '../../ui/time';
import { attempt } from '../../ui/toast';
import { forget, sessions, type Session } from './api';

/** The conversations there are, the last first. Where there is little room they are shown when they are asked for, until one is chosen. */
export function Conversations({ current }: { current: string | null }) {
  const q = useSignal('');
  const open = useSignal(false);
  useEffect(() => { open.value = false; }, [current]);
  const depth = useSignal(1);
  const read = useLoaded(signal => pages(depth.value, cursor => sessions(q.value, cursor, signal)), [q.value], ['turn.started', 'turn.done', 'session']);
  const waiting = [...new Set(approvals.value.filter(a => a.kind !== 'gate' && a.session_id !== current).map(a => a.session_id))];
  return (
    <nav class="chat-list" aria-label="Conversations" data-open={open.value}>
      <div class="row">
        <a class="button primary grow" href={href('chat')}>New chat</a>
        <button type="button" class="button grow chat-toggle" aria-expanded={open.value} aria-controls="chat-found" onClick={() => { open.value = !open.value; }}>Conversations</button>
      </div>
      {waiting.length > 0 && (
        <ul aria-label="Conversations that wait for you">
          {waiting.map(id => <li key={id}><a class="wrap" href={href('chat', id)}><Badge tone="accent">waits for you</Badge> {read.data?.items.find(s => s.id === id)?.title || id}</a></li>)}
        </ul>
      )}
      <div class="chat-found stack" id="chat-found">
        <input class="input" type="search" aria-label="Search conversations" placeholder="Search" value={q.value} onInput={e => { q.value = e.currentTarget.value; depth.value = 1; }} />
        <Shown of={read}>
          {page => page.items.length === 0 && !page.next ? <Empty title={q.value ? 'No conversation has that in its title' : 'No conversation yet'} /> : (
            <ul>{page.items.map(s => <Row key={s.id} session={s} isCurrent={s.id === current} />)}</ul>
          )}
        </Shown>
        {read.data?.next && <button type="button" class="button small" onClick={() => { depth.value++; void read.again(); }}>Older</button>}
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
