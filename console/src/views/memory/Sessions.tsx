import { useSignal } from '@preact/signals';
import { useLoaded } from '../../state/loaded';
import { href } from '../../state/route';
import { Empty, Shown } from '../../ui/parts';
import { Time } from '../../ui/time';
import { sessions } from './api';

/** What is remembered of each conversation. */
export function Sessions() {
  const cursors = useSignal<(string | null)[]>([null]);
  const at = cursors.value.at(-1) ?? null;
  const read = useLoaded(signal => sessions(at, signal), [at], ['turn', 'session']);
  return (
    <Shown of={read}>
      {page => page.items.length === 0 ? <Empty title="No conversation is remembered yet">A conversation is remembered when its turn ends. Incognito ones never are.</Empty> : (
        <>
          <div class="scroll-x panel">
            <table class="table">
              <caption class="visually-hidden">Remembered conversations</caption>
              <thead><tr><th scope="col">About</th><th scope="col">Through</th><th scope="col" class="number">Messages</th><th scope="col" class="number">Tool calls</th><th scope="col">Last</th></tr></thead>
              <tbody>
                {page.items.map(s => (
                  <tr key={s.session_id}>
                    <td class="wrap"><a href={href('memory', 'session', s.session_id)}>{s.topic || s.session_id}</a></td>
                    <td>{s.surface}</td><td class="number">{s.message_count}</td><td class="number">{s.tool_calls_total_count}</td><td><Time at={s.timestamp} how="ago" /></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <div class="row">
            {cursors.value.length > 1 && <button type="button" class="button small" onClick={() => { cursors.value = cursors.value.slice(0, -1); }}>Newer</button>}
            {page.next && <button type="button" class="button small" onClick={() => { cursors.value = [...cursors.value, page.next]; }}>Older</button>}
          </div>
        </>
      )}
    </Shown>
  );
}
