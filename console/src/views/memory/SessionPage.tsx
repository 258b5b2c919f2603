import { useLoaded } from '../../state/loaded';
import { go, href } from '../../state/route';
import { confirm } from '../../ui/dialog';
import { Markdown } from '../../ui/markdown';
import { Page, Shown } from '../../ui/parts';
import { Time } from '../../ui/time';
import { attempt, say } from '../../ui/toast';
import { forget, harvest, session } from './api';

/** All that is remembered of one conversation. */
export function SessionPage({ id }: { id: string }) {
  const read = useLoaded(signal => session(id, signal), [id]);
  const drop = async () => {
    if (await confirm('Forget this conversation?', 'What is remembered of it goes; the conversation itself stays in the chat until it is deleted there.', 'Forget')
      && await attempt(() => forget(id), 'Forgotten.')) go('memory', 'sessions');
  };
  const take = () => attempt(async () => {
    const { facts } = await harvest(id);
    say(facts === 0 ? 'Nothing new to remember was found.' : `${facts} new ${facts === 1 ? 'fact' : 'facts'} kept.`);
  });
  return (
    <Page title={read.data?.topic || 'A conversation'} actions={(
      <>
        <a class="button" href="#/memory/sessions">Back</a>
        <a class="button" href={href('chat', id)}>Open it</a>
        <button type="button" class="button" onClick={take}>Take facts now</button>
        <button type="button" class="button danger" onClick={drop}>Forget</button>
      </>
    )}>
      <Shown of={read}>
        {s => (
          <>
            <p class="soft">{s.surface}, from <Time at={s.started_at} how="full" /> to <Time at={s.timestamp} how="full" />; {s.message_count} messages{s.tool_calls.length > 0 && <>; called {s.tool_calls.map(t => `${t.name} ×${t.count}`).join(', ')}</>}. <a href={href('memory', 'injections', id)}>What entered its turns</a></p>
            {s.final_output && <section class="panel"><h2>Its outcome</h2><Markdown text={s.final_output} /></section>}
            <section class="stack">
              <h2>Its last messages, as they are remembered</h2>
              {s.messages.map((m, i) => <div key={i} class="panel"><small>{m.role}</small><Markdown text={m.content} /></div>)}
            </section>
          </>
        )}
      </Shown>
    </Page>
  );
}
