import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useLoaded } from '../../state/loaded';
import { href } from '../../state/route';
import { Badge, Empty, Field, Shown, type Tone } from '../../ui/parts';
import { Time } from '../../ui/time';
import { search, type Chunk } from './api';
import { Editor } from './Editor';

export const trustTone: Record<string, Tone> = { operator: 'good', agent: 'accent', external: 'warn' };

/** Found as the agent would find it, with scores and trust. */
export function Search({ domains }: { domains: string[] }) {
  const typed = useSignal('');
  const asked = useSignal('');
  const domain = useSignal('');
  const adding = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => { asked.value = typed.value.trim(); }, 200);
    return () => clearTimeout(timer);
  }, [typed.value]);
  const found = useLoaded(signal => search(asked.value, 30, domain.value, signal), [asked.value, domain.value], ['knowledge']);
  const best = found.data?.[0]?.score ?? 0;

  return (
    <>
      <form class="knowledge-find" role="search" onSubmit={e => { e.preventDefault(); asked.value = typed.value.trim(); }}>
        <Field label="What to find">
          {control => <input {...control} class="input" type="search" placeholder="Words, as you would ask the agent" value={typed.value} onInput={e => { typed.value = e.currentTarget.value; }} />}
        </Field>
        <Field label="Domain">
          {control => (
            <select {...control} class="input" value={domain.value} onChange={e => { domain.value = e.currentTarget.value; }}>
              <option value="">all</option>
              {domains.map(d => <option key={d} value={d}>{d}</option>)}
            </select>
          )}
        </Field>
        <button type="button" class="button primary" onClick={() => { adding.value = true; }}>Add a note</button>
      </form>
      <Shown of={found}>
        {hits => hits.length === 0
          ? asked.value ? <Empty title="Nothing found">No chunk has these words. Try fewer, or others.</Empty>
            : <Empty title="Nothing is known yet">Add a note, or <a href="#/knowledge/ingest">add documents</a>. The agent writes here too.</Empty>
          : (
            <>
              <p class="soft" role="status">{asked.value ? `${hits.length} found, the best first` : `The newest ${hits.length}`}</p>
              <ol class="knowledge-hits">{hits.map(hit => <li key={hit.id} class="panel"><Hit hit={hit} best={asked.value ? best : 0} /></li>)}</ol>
            </>
          )}
      </Shown>
      {adding.value && <Editor onClose={() => { adding.value = false; }} onSaved={() => void found.again()} />}
    </>
  );
}

function Hit({ hit, best }: { hit: Chunk; best: number }) {
  return (
    <>
      <a href={href('knowledge', 'chunk', String(hit.id))}><strong class="wrap">{hit.heading || hit.source || `Chunk ${hit.id}`}</strong></a>
      <p class="wrap">{hit.content}</p>
      <div class="knowledge-meta">
        {best > 0 && (
          <span class="knowledge-score" title="Higher is better, within this answer">
            <span class="bar" aria-hidden="true"><span style={{ width: `${Math.max(4, 100 * (hit.score ?? 0) / best)}%` }} /></span>
            score {score(hit.score ?? 0)}
          </span>
        )}
        <Badge tone={trustTone[hit.trust] ?? ''} title="Whom it comes from">{hit.trust}</Badge>
        <span>{hit.domain}</span>
        {hit.source && <span class="wrap">{hit.source}</span>}
        <Time at={hit.created_at} />
      </div>
    </>
  );
}

/** Where few chunks are known a word says little, and scores are tiny; they still tell more from less. */
const score = (of: number) => of > 0 && of < 0.001 ? of.toExponential(1) : of.toFixed(3);
