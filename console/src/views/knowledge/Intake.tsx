import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { on } from '../../api/events';
import { words } from '../../api/problem';
import { useLoaded } from '../../state/loaded';
import { Badge, Field, Progress, Shown, type Tone } from '../../ui/parts';
import { Time } from '../../ui/time';
import { attempt, complain } from '../../ui/toast';
import { cancelIngest, ingestAddress, ingestFiles, ingests, type Ingest } from './api';

const Tones: Record<Ingest['status'], Tone> = { queued: '', running: 'accent', done: 'good', failed: 'bad', cancelled: 'warn', interrupted: 'warn' };

/** Documents in, by drop, by choice or by address; and how far each has come. */
export function Intake() {
  const list = useLoaded(ingests, [], ['knowledge.ingest_done', 'knowledge.ingest_failed']);
  const over = useSignal(false);
  const address = useSignal('');
  const problem = useSignal<string | null>(null);
  const busy = useSignal(false);
  const chooser = useRef<HTMLInputElement>(null);

  useEffect(() => on('knowledge.ingest_progress', event => {
    // Told by the event alone: an ingest of many pieces tells often, and the list need not be read each time.
    const told = event.data as Partial<Ingest> & { ingest_id: string };
    const now = list.data;
    if (!now) return;
    if (now.items.some(i => i.ingest_id === told.ingest_id)) list.set({ ...now, items: now.items.map(i => i.ingest_id === told.ingest_id ? { ...i, ...told } : i) });
    else void list.again();
  }), [list.data]);

  const send = async (files: File[]) => {
    if (files.length === 0) return;
    busy.value = true;
    try {
      await ingestFiles(files);
      await list.again();
    } catch (error) {
      complain(error);
    } finally {
      busy.value = false;
    }
  };
  const drop = (data: DataTransfer | null) => {
    // A folder comes as a file that can't be read, and would look like an instance that is down.
    const items = [...data?.items ?? []].filter(i => i.kind === 'file');
    const files = items.filter(i => !i.webkitGetAsEntry()?.isDirectory).map(i => i.getAsFile()).filter(f => f !== null);
    if (files.length < items.length) complain(new Error('A folder can’t be taken in. Drop the files in it instead.'));
    return send(files);
  };
  const fetchIt = async (e: Event) => {
    e.preventDefault();
    problem.value = null;
    try {
      await ingestAddress(address.value.trim());
      address.value = '';
      await list.again();
    } catch (error) {
      problem.value = words(error);
    }
  };

  return (
    <>
      <div class={`knowledge-drop ${over.value ? 'over' : ''}`}
        onDragOver={e => { e.preventDefault(); over.value = true; }} onDragLeave={() => { over.value = false; }}
        onDrop={e => { e.preventDefault(); over.value = false; void drop(e.dataTransfer); }}>
        <p><strong>Drop documents here</strong><br /><span class="soft">Text, Markdown, HTML, PDF. The same document again replaces what it said before.</span></p>
        <input ref={chooser} type="file" multiple hidden aria-label="Documents" onChange={e => { void send([...e.currentTarget.files ?? []]); e.currentTarget.value = ''; }} />
        <button type="button" class="button" disabled={busy.value} onClick={() => chooser.current!.click()}>{busy.value ? 'Sending…' : 'Choose files'}</button>
      </div>
      <form class="row" onSubmit={fetchIt} style={{ alignItems: 'end' }}>
        <div class="grow"><Field label="Or an address" error={problem.value} hint="It is fetched once; addresses of private networks are refused unless network.allow_hosts names them.">
          {control => <input {...control} class="input" type="url" placeholder="https://…" required value={address.value} onInput={e => { address.value = e.currentTarget.value; }} />}
        </Field></div>
        <button class="button">Fetch</button>
      </form>
      <section aria-label="What was taken in">
        <h2>What was taken in</h2>
        <Shown of={list}>
          {page => page.items.length === 0 ? <p class="soft">Nothing yet.</p> : <>{page.items.map(i => <Row key={i.ingest_id} of={i} again={list.again} />)}</>}
        </Shown>
      </section>
    </>
  );
}

function Row({ of, again }: { of: Ingest; again: () => Promise<void> }) {
  const open = of.status === 'queued' || of.status === 'running';
  const part = of.all_pieces ? (of.pieces ?? 0) / of.all_pieces : 0;
  const far = of.documents ? (of.documents_done + part) / of.documents : part;
  return (
    <div class="knowledge-ingest">
      <div class="row">
        <strong class="grow wrap">{of.source}</strong>
        <span aria-live="polite" aria-atomic="true"><span class="visually-hidden">{of.source}: </span><Badge tone={Tones[of.status]}>{of.status}</Badge></span>
        <small><Time at={of.started_at} how="ago" /></small>
        {open && <button type="button" class="button small" onClick={async () => { await attempt(() => cancelIngest(of.ingest_id)); await again(); }} aria-label={`Cancel ${of.source}`}>Cancel</button>}
      </div>
      {open && <Progress value={far} label={`${of.source}: how far`} />}
      <small class="wrap">
        {of.error ?? (open ? (of.document ? `${of.document}${of.all_pieces ? `: ${of.pieces ?? 0} of ${of.all_pieces} pieces` : ''}` : 'waiting')
          : `${of.documents_done} of ${of.documents} documents, ${of.chunks_added} chunks added, ${of.chunks_kept} kept, ${of.chunks_removed} removed`)}
      </small>
    </div>
  );
}
