import { useSignal } from '@preact/signals';
import { useLoaded } from '../../state/loaded';
import { Field, Shown } from '../../ui/parts';
import { attempt } from '../../ui/toast';
import { approvals, decide, type Approval } from './api';

/** What the conversation waits for a person to decide: its own turn, or a subagent that it sent. */
export function Waiting({ session, turn }: { session: string; turn: string }) {
  const read = useLoaded(signal => approvals(signal), [session], ['approval', 'turn.parked']);
  return <Shown of={read}>{page => <>{page.items.filter(a => a.session_id === session || a.session_id.startsWith(`task:${turn}/`)).map(a => <Asked key={a.id} approval={a} decided={read.again} />)}</>}</Shown>;
}

function Asked({ approval, decided }: { approval: Approval; decided: () => Promise<void> }) {
  const answer = useSignal('');
  const busy = useSignal(false);
  const asks = approval.kind === 'question';
  const end = async (decision: 'approve' | 'deny') => {
    busy.value = true;
    await attempt(() => decide(approval.id, decision, answer.value.trim()));
    await decided();
    busy.value = false;
    // What was decided is gone with the button that had the focus.
    document.querySelector<HTMLElement>('.chat-composer textarea')?.focus();
  };
  return (
    <form class="panel stack chat-asked" aria-label={asks ? 'The agent asks' : 'The agent wants to call a tool'} onSubmit={e => { e.preventDefault(); if (asks) void end('approve'); }}>
      {asks ? <p class="wrap"><strong>{approval.question}</strong></p> : (
        <>
          <p>May <strong>{approval.tool}</strong> be called with this?</p>
          <pre class="code" tabIndex={0} aria-label={`Arguments of ${approval.tool}`}>{approval.arguments}</pre>
        </>
      )}
      <Field label={asks ? 'Your answer' : 'A reason, if you like'}>
        {control => <input {...control} class="input" value={answer.value} required={asks} onInput={e => { answer.value = e.currentTarget.value; }} />}
      </Field>
      <div class="row">
        {/* Enter in the reason decides nothing: it may be a reason against. */}
        {asks ? <button type="submit" class="button primary" disabled={busy.value}>Answer</button>
          : <button type="button" class="button primary" disabled={busy.value} onClick={() => void end('approve')}>Approve</button>}
        <button type="button" class="button danger" disabled={busy.value} onClick={() => void end('deny')}>{asks ? 'Refuse to answer' : 'Deny'}</button>
      </div>
    </form>
  );
}
