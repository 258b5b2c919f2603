import { useSignal } from '@preact/signals';
import { words } from '../../api/problem';
import { useLoaded } from '../../state/loaded';
import { Dialog } from '../../ui/dialog';
import { Badge, Empty, Field, Shown, type Tone } from '../../ui/parts';
import { say } from '../../ui/toast';
import { outcome, settings, write, type Setting } from './api';

const Layers: Record<Setting['layer'], { tone: Tone; doc: string }> = {
  default: { tone: '', doc: 'Nobody set it.' },
  box: { tone: 'accent', doc: 'From the configuration every instance of this box reads.' },
  instance: { tone: 'good', doc: 'From this instance’s own configuration.' },
  file: { tone: 'accent', doc: 'From the file the instance is started with.' },
  environment: { tone: 'warn', doc: 'From the environment, which beats every file.' },
  flag: { tone: 'warn', doc: 'From the command line, which beats everything.' },
};

/** Every setting with its value and the layer that decides it. */
export function All() {
  const read = useLoaded(settings, [], ['config']);
  const typed = useSignal('');
  const onlySet = useSignal(false);
  const editing = useSignal<Setting | null>(null);
  return (
    <>
      <div class="row between">
        <input class="input" style={{ maxWidth: '320px' }} type="search" aria-label="Find a setting" placeholder="Find" value={typed.value} onInput={e => { typed.value = e.currentTarget.value; }} />
        <label class="row"><input type="checkbox" checked={onlySet.value} onChange={e => { onlySet.value = e.currentTarget.checked; }} /> only what somebody set</label>
      </div>
      <p class="soft">From the weakest to the strongest: default, box, instance, file, environment, flag. What is changed here goes into the instance’s own files.</p>
      <Shown of={read}>
        {all => {
          const found = all.filter(s => (!onlySet.value || s.layer !== 'default') && `${s.key} ${s.doc}`.toLowerCase().includes(typed.value.toLowerCase()));
          const groups = [...new Set(found.map(s => s.key.includes('.') ? s.key.split('.')[0]! : 'instance'))];
          return found.length === 0 ? <Empty title="No such setting">Look for a word of what it does.</Empty> : (
            <>
              {groups.map(group => (
                <section key={group} class="panel" style={{ padding: 0 }} aria-label={group}>
                  <h2 style={{ padding: '12px 14px' }}>{group}</h2>
                  <div class="settings-list">
                    {found.filter(s => (s.key.includes('.') ? s.key.split('.')[0] : 'instance') === group).map(s => <Row key={s.key} of={s} onChange={() => { editing.value = s; }} />)}
                  </div>
                </section>
              ))}
            </>
          );
        }}
      </Shown>
      {editing.value && <Change of={editing.value} onClose={() => { editing.value = null; }} onSaved={() => void read.again()} />}
    </>
  );
}

function Row({ of, onChange }: { of: Setting; onChange: () => void }) {
  const layer = Layers[of.layer];
  return (
    <div class="settings-row">
      <div><strong class="mono wrap">{of.key}</strong><p class="soft wrap">{of.doc}</p></div>
      <div>
        <div class="wrap">{of.value === null ? <span class="soft">not set</span> : of.secret ? 'set, not shown' : <code>{of.value}</code>}</div>
        <small class="row"><Badge tone={layer.tone} title={layer.doc}>{of.layer}</Badge>{of.layer !== 'default' && <span class="wrap">{of.origin}</span>}</small>
      </div>
      <button type="button" class="button small" onClick={onChange} aria-label={`Change ${of.key}`}>Change</button>
    </div>
  );
}

function Change({ of, onClose, onSaved }: { of: Setting; onClose: () => void; onSaved: () => void }) {
  const value = useSignal(of.secret ? '' : of.value ?? '');
  const error = useSignal<string | null>(null);
  const save = async (to: string | null) => {
    try {
      say(outcome(await write({ [of.key]: to })));
      onSaved();
      onClose();
    } catch (problem) {
      error.value = words(problem);
    }
  };
  return (
    <Dialog title={of.key} onClose={onClose}>
      <form class="stack" onSubmit={e => { e.preventDefault(); void save(value.value); }}>
        <p class="wrap">{of.doc}</p>
        {(of.layer === 'environment' || of.layer === 'flag' || of.layer === 'file') && (
          <div class="banner warn"><p class="wrap">{of.origin} decides it now, and goes on doing so: what is written here counts when that is gone.</p></div>
        )}
        <Field label="Value" error={error.value} hint={of.secret ? 'It goes into secrets.yaml, and is never shown.' : of.default !== null ? `Without one it is ${of.default}.` : 'May be left out.'}>
          {control => of.secret
            ? <input {...control} class="input mono" type="password" autocomplete="off" autofocus value={value.value} onInput={e => { value.value = e.currentTarget.value; }} />
            : <input {...control} class="input mono" autocomplete="off" autofocus value={value.value} onInput={e => { value.value = e.currentTarget.value; }} />}
        </Field>
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>Cancel</button>
          <button type="button" class="button" onClick={() => void save(null)}>Take it out</button>
          <button class="button primary" disabled={value.value.trim() === ''}>Save</button>
        </div>
      </form>
    </Dialog>
  );
}
