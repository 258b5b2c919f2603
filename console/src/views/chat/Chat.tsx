import './chat.css';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { call } from '../../api/http';
import { ApiError } from '../../api/problem';
import { status } from '../../state/instance';
import { go, href, route } from '../../state/route';
import { confirm } from '../../ui/dialog';
import { Markdown } from '../../ui/markdown';
import { Empty, Page, Spinner, Trouble } from '../../ui/parts';
import { attempt, say } from '../../ui/toast';
import * as api from './api';
import { Composer } from './Composer';
import { Conversations } from './Conversations';
import { Steps, Thoughts, type StepActions } from './Steps';
import { useThread, type Thread } from './thread';
import { Waiting } from './Waiting';

export default function Chat() {
  const id = route.value.rest[0] ?? null;
  const thread = useThread(id);
  const running = thread.turn?.status === 'running' || thread.turn?.status === 'waiting';
  const send = (text: string, incognito: boolean) => attempt(async () => {
    if (id !== null && running && await steered(id, text)) {
      say('The agent hears it before its next step');
      return;
    }

    const begun = await api.ask(text, id, incognito);
    begun.session_id === id ? thread.again() : go('chat', begun.session_id);
  });
  return (
    <Page title="Chat" actions={id !== null && thread.steps.length > 0 ? <Export id={id} /> : undefined}>
      <div class="chat">
        <Conversations current={id} />
        <section class="chat-thread" aria-label="Conversation">
          {id === null ? <Welcome /> : <Said id={id} thread={thread} running={running} />}
          <Composer session={id} running={running} onSend={send} onStop={() => void attempt(() => api.stop(id!), 'The turn is stopped')} />
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
    <div class="chat-said grow">
      <Empty title="What is it about?">
        {status.value?.model.provider === 'offline' && <p>Answers come from the small offline model that comes with the program. <a href={href('settings', 'model')}>Connect a real one</a>.</p>}
      </Empty>
    </div>
  );
}

function Said({ id, thread, running }: { id: string; thread: Thread; running: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => { if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight; });
  useEffect(() => { follows.current = true; }, [id]);
  const scrolled = () => { follows.current = box.current!.scrollHeight - box.current!.scrollTop - box.current!.clientHeight < 60; };
  const head = thread.steps.at(-1)?.seq ?? 0;
  // The same nodes until a step is added: words that come in many times a second draw nothing but themselves.
  const steps = useMemo(() => <Steps steps={thread.steps} actions={running ? null : actionsOn(id, head, thread.again)} />, [id, thread.steps, running]);
  return (
    <div ref={box} class="chat-said grow" tabIndex={0} role="log" aria-label="What was said" aria-busy={running} onScroll={scrolled}>
      {thread.hasEarlier && <button type="button" class="button small" onClick={() => { follows.current = false; thread.earlier(); }}>Show earlier</button>}
      {steps}
      {thread.thinking && <Thoughts text={thread.thinking} />}
      {thread.saying && <article class="chat-agent" aria-label="Agent"><Markdown text={thread.saying} /></article>}
      {thread.turn?.status === 'waiting' && <Waiting session={id} />}
      {thread.loading || (thread.turn?.status === 'running' && !thread.saying) ? <Spinner label={thread.loading ? 'Loading' : 'The agent works'} /> : null}
      {thread.turn?.error && <Trouble error={new Error(`${thread.turn.error.message} (${thread.turn.error.code})`)} />}
      {thread.turn?.status === 'cancelled' && <p class="chat-note"><small>The turn was stopped.</small></p>}
      {thread.turn?.status === 'interrupted' && !thread.turn.error && <p class="chat-note"><small>The turn was interrupted. Send a message to go on.</small></p>}
      {thread.error !== null && <Trouble error={thread.error} again={thread.again} />}
    </div>
  );
}

const actionsOn = (id: string, head: number, again: () => void): StepActions => ({
  fork: step => void attempt(async () => go('chat', (await api.fork(id, step.seq)).id), 'This is the fork'),
  rewind: async step => {
    if (!await confirm('Rewind to here?', 'All that was said after this is taken out of the conversation. Fork first if you want to keep it.', 'Rewind')) return;
    if (await attempt(() => api.rewind(id, step.seq, head))) again();
  },
});

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
