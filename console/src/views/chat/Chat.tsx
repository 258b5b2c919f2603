import './chat.css';
import type { ReadonlySignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { call } from '../../api/http';
import { ApiError } from '../../api/problem';
import { status } from '../../state/instance';
import { go, href, route } from '../../state/route';
import { confirm } from '../../ui/dialog';
import { Growing } from '../../ui/markdown';
import { Badge, Empty, Page, Spinner, Trouble } from '../../ui/parts';
import { attempt, say } from '../../ui/toast';
import * as api from './api';
import { Composer, type Wish } from './Composer';
import { Conversations } from './Conversations';
import { Steps, Thoughts, type StepActions } from './Steps';
import { useThread, type Said, type Thread } from './thread';
import { Waiting } from './Waiting';

export default function Chat() {
  const id = route.value.rest[0] ?? null;
  const thread = useThread(id);
  const { turn, steps } = thread.state.value;
  const running = turn?.status === 'running' || turn?.status === 'waiting';
  const send = async (text: string, wish: Wish): Promise<string | null> => {
    let at: string | null = null;
    const from = route.peek();
    await attempt(async () => {
      if (id !== null && running && await steered(id, text)) {
        say('The agent hears it before its next step');
        at = id;
        return;
      }

      // A turn that ended a moment ago added steps nobody has seen; what is said to it is said all the same.
      const begun = await api.ask(text, { session_id: id, head: running ? null : steps.at(-1)?.seq ?? null, ...wish }).catch(error => {
        if (error instanceof ApiError && error.code === 'thread_conflict') thread.again();
        throw error;
      });
      at = begun.session_id;
      if (at === id) thread.again();
      else if (route.peek() === from) go('chat', at);
    });
    return at;
  };
  return (
    <Page title="Chat" whole actions={id !== null && steps.length > 0 ? <Export id={id} /> : undefined}>
      <div class="chat">
        <Conversations current={id} />
        <section class="chat-thread" aria-label="Conversation">
          {id?.startsWith('incognito:') && <p class="chat-note"><Badge tone="warn">Incognito</Badge> <small>In no list, not remembered, and gone for good once it is deleted. Its address is the only way back to it.</small></p>}
          {id === null ? <Welcome /> : <Conversation id={id} thread={thread} />}
          <Composer key={id ?? ''} session={id} running={running} onSend={send} onStop={() => void attempt(() => api.stop(id!), 'The turn is stopped')} />
        </section>
      </div>
    </Page>
  );
}

/** False when the turn ended a moment ago: then it begins the next one. */
const steered = (id: string, text: string) => api.steer(id, text).then(() => true, error => {
  if (error instanceof ApiError && error.code === 'turn_not_running') return false;
  throw error;
});

function Welcome() {
  return (
    <div class="chat-said grow" tabIndex={0} role="group" aria-label="Welcome">
      <Empty title="What is it about?">
        {status.value?.model.provider === 'offline' && <p>Answers come from the small offline model that comes with the program. <a href={href('settings', 'model')}>Connect a real one</a>.</p>}
      </Empty>
    </div>
  );
}

function Conversation({ id, thread }: { id: string; thread: Thread }) {
  const { steps, turn, missedAfter, loading, error } = thread.state.value;
  const running = turn?.status === 'running';
  const hasEarlier = (steps[0]?.seq ?? 1) > 1;
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  // There is no box when the last word comes as the view is left.
  const toEnd = () => { if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight; };
  const fill = () => {
    const it = box.current;
    if (!it || !hasEarlier || it.scrollTop > 2 * it.clientHeight) return;
    // At the very top a browser holds nothing in place when something is put before it.
    it.scrollTop ||= 1;
    void thread.earlier();
  };
  useLayoutEffect(() => { toEnd(); fill(); });
  useEffect(() => { follows.current = true; }, [id]);
  const scrolled = ({ currentTarget: it }: { currentTarget: HTMLDivElement }) => {
    follows.current = it.scrollHeight - it.scrollTop - it.clientHeight < 60;
    fill();
  };
  const actions = useMemo(() => actionsOn(id, thread), [id, thread]);
  return (
    <div ref={box} class="chat-said grow" tabIndex={0} role="log" aria-label="What was said" aria-busy={running} onScroll={scrolled}>
      {hasEarlier && <button type="button" class="button small" onClick={() => void thread.earlier()}>Show earlier</button>}
      <Steps steps={steps} actions={actions} missedAfter={missedAfter} />
      <Words said={thread.said} running={running} grown={toEnd} />
      {turn?.status === 'waiting' && <Waiting session={id} turn={turn.id} />}
      {loading && <Spinner />}
      {turn?.error && <Trouble error={new Error(`${turn.error.message} (${turn.error.code})`)} />}
      {turn?.status === 'cancelled' && <p class="chat-note"><small>The turn was stopped.</small></p>}
      {turn?.status === 'interrupted' && !turn.error && <p class="chat-note"><small>The turn was interrupted. Send a message to go on.</small></p>}
      {error !== null && <Trouble error={error} again={thread.again} />}
    </div>
  );
}

/** What is being said. By itself, so that a word draws nothing but this. */
function Words({ said, running, grown }: { said: ReadonlySignal<Said>; running: boolean; grown: () => void }) {
  const { saying, thinking } = said.value;
  useLayoutEffect(grown, [saying, thinking]);
  return (
    <>
      {thinking && <Thoughts text={thinking} />}
      {saying && <article class="chat-agent" aria-label="Agent"><Growing text={saying} /></article>}
      {running && !saying && <Spinner label="The agent works" />}
    </>
  );
}

function actionsOn(id: string, thread: Thread): StepActions {
  return {
    fork: async step => {
      const from = route.peek();
      await attempt(async () => {
        const fork = await api.fork(id, step.seq);
        if (route.peek() === from) go('chat', fork.id);
      }, 'The conversation is forked');
    },
    rewind: async step => {
      if (!await confirm('Rewind to here?', 'All that was said after this is taken out of the conversation. Fork first if you want to keep it.', 'Rewind')) return;
      if (await attempt(() => api.rewind(id, step.seq, thread.state.peek().steps.at(-1)!.seq))) thread.again();
    },
  };
}

function Export({ id }: { id: string }) {
  const save = (format: 'md' | 'json') => void attempt(async () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await (await call(api.exported(id, format))).blob());
    link.download = `${id.replace(/[^\w.-]/g, '_')}.${format}`;
    link.click();
    URL.revokeObjectURL(link.href);
  });
  return (
    <span class="row">
      <button type="button" class="button small" onClick={() => save('md')}>Export Markdown</button>
      <button type="button" class="button small" onClick={() => save('json')}>Export JSON</button>
    </span>
  );
}
