import { useSignal } from '@preact/signals';
import { useLoaded } from '../../state/loaded';
import { Dialog } from '../../ui/dialog';
import { Shown } from '../../ui/parts';
import { attempt, say } from '../../ui/toast';
import { member as read, remove, type Member } from './api';

/** Takes a member out; before that it says which of its folders stay, or go. The instance knows them, and deletes by the same rule. */
export function Leave({ member, close }: { member: Member; close: () => void }) {
  const purge = useSignal(false);
  const whole = useLoaded(signal => read(member.name, signal), [member.name]);
  const end = async () => {
    await attempt(async () => {
      const { data_kept, data } = await remove(member.name, purge.value);
      const folders = data.join(', ');
      say(data.length === 0 ? `${member.name} is removed. It had no data.` : data_kept ? `${member.name} is removed. Its data stays: ${folders}` : `${member.name} is removed. Deleted: ${folders}`);
    });
    close();
  };
  return (
    <Dialog title={`Remove ${member.name}?`} onClose={close}>
      <p>It is stopped and not started again. {!purge.value && 'Its data stays where it is, and an instance of the same id finds it again.'}</p>
      <Shown of={whole}>
        {({ data = [] }) => data.length === 0 ? <p>It has no data yet.</p> : (
          <div>
            <p>{purge.value ? 'These folders are deleted, with the conversations, knowledge, memory, jobs and settings in them:' : 'These folders stay:'}</p>
            <ul class="box-data">{data.map(folder => <li key={folder} class="wrap"><code>{folder}</code></li>)}</ul>
          </div>
        )}
      </Shown>
      <label class="row box-purge"><input type="checkbox" checked={purge.value} onChange={e => { purge.value = e.currentTarget.checked; }} /> Delete its data too. That can't be undone.</label>
      <p><small class="wrap">Either way its log stays: <code>{member.log}</code></small></p>
      <div class="actions">
        <button type="button" class="button" onClick={close} autofocus>Cancel</button>
        <button type="button" class="button danger" onClick={() => void end()}>{purge.value ? 'Remove and delete its data' : 'Remove'}</button>
      </div>
    </Dialog>
  );
}
