import { useId } from 'preact/hooks';
import { Field } from '../../ui/parts';
import { localZone } from './words';

const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter(z => z !== 'UTC')];

/** An IANA time zone, found by typing a part of it. */
export function ZoneField({ value, onChange, error }: { value: string; onChange: (zone: string) => void; error: string | null }) {
  const list = useId();
  const others = [...new Set([localZone, 'UTC'])].filter(z => z !== value);
  return (
    <div class="stack" style={{ gap: '6px' }}>
      <Field label="Time zone" error={error} hint="Cron lines and times without an offset are read by its clocks, also across summer time. Type a part of its name.">
        {control => <input {...control} class="input" list={list} autocomplete="off" spellcheck={false} value={value} onInput={e => onChange(e.currentTarget.value)} />}
      </Field>
      <datalist id={list}>{zones.map(z => <option key={z} value={z} />)}</datalist>
      {others.length > 0 && <div class="row">{others.map(z => <button key={z} type="button" class="button small" onClick={() => onChange(z)}>{z === localZone ? `here: ${z}` : z}</button>)}</div>}
    </div>
  );
}
