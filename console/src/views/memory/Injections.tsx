import { useSignal } from '@preact/signals';
import { useLoaded } from '../../state/loaded';
import { href } from '../../state/route';
import { Badge, Empty, Shown } from '../../ui/parts';
import { Time } from '../../ui/time';
import { injections, type Injection } from './api';

/** Which memories and which knowledge stood before which turn. */
export function Injections({ session }: { session: string }) {
  const cursors = useSignal<(string | null)[]>([null]);
  const at = cursors.value.at(-1) ?? null;
  const read = useLoaded(signal => injections(session, at, signal), [session, at], ['turn']);
  return (
    <>
      {session && <p class="row">Of the conversation <a class="wrap" href={href('memory', 'session', session)}>{session}</a> <a class="button small" href="#/memory/injections">Show all</a></p>}
      <Shown of={read}>
        {page => page.items.length === 0 ? <Empty title="Nothing was put before a turn yet">Facts, knowledge and earlier conversations that were put before a question are listed here, turn by turn.</Empty> : (
          <>
            <div class="scroll-x panel">
              <table class="table">
                <caption class="visually-hidden">What entered which turn</caption>
                <thead><tr><th scope="col">When</th><th scope="col">Turn</th><th scope="col">What</th><th scope="col" class="number">Characters</th></tr></thead>
                <tbody>{page.items.map(i => <Row key={i.turn_id} of={i} />)}</tbody>
              </table>
            </div>
            <div class="row">
              {cursors.value.length > 1 && <button type="button" class="button small" onClick={() => { cursors.value = cursors.value.slice(0, -1); }}>Newer</button>}
              {page.next && <button type="button" class="button small" onClick={() => { cursors.value = [...cursors.value, page.next]; }}>Older</button>}
            </div>
          </>
        )}
      </Shown>
    </>
  );
}

function Row({ of }: { of: Injection }) {
  return (
    <tr>
      <td><Time at={of.at} /></td>
      <td><a href={href('chat', of.session_id)} title={of.turn_id}>{of.session_id.slice(0, 18)}</a></td>
      <td>
        <div class="row">
          {of.items.map((item, i) => (
            <Badge key={i} tone={item.kind === 'hot' ? 'accent' : ''} title={item.trust ?? undefined}>
              {item.kind === 'session' ? <a href={href('memory', 'session', item.id)}>conversation</a> : <a href={href('knowledge', 'chunk', item.id)}>{item.kind === 'hot' ? 'fact' : 'knowledge'} {item.id}</a>}
            </Badge>
          ))}
        </div>
      </td>
      <td class="number">{of.characters.toLocaleString()}</td>
    </tr>
  );
}
