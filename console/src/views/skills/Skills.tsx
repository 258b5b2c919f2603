import { useSignal } from '@preact/signals';
import { useLoaded } from '../../state/loaded';
import { href, route } from '../../state/route';
import { Badge, Empty, Page, Shown, type Tone } from '../../ui/parts';
import { Time } from '../../ui/time';
import { skills, type Skill } from './api';
import { SkillPage } from './SkillPage';

export const sourceTone: Record<Skill['source'], Tone> = { own: 'accent', commons: 'good', bundled: '' };

/** The procedures the agent follows. */
export default function Skills() {
  const name = route.value.rest[0];
  return name ? <SkillPage key={name} name={name} /> : <List />;
}

function List() {
  const read = useLoaded(skills, [], ['skill', 'turn.done']);
  const typed = useSignal('');
  return (
    <Page title="Skills" actions={<a class="button primary" href={href('skills', '+new')}>Write a skill</a>}>
      <Shown of={read}>
        {page => {
          const found = page.items.filter(s => `${s.name} ${s.description}`.toLowerCase().includes(typed.value.toLowerCase()));
          return (
            <>
              {page.problems.length > 0 && (
                <div class="banner bad" role="region" aria-label="Skills that can't be used">
                  <div class="grow">
                    <strong>{page.problems.length === 1 ? 'One skill can’t be used' : `${page.problems.length} skills can’t be used`}</strong>
                    <ul style={{ margin: '4px 0 0', paddingLeft: '18px' }}>
                      {page.problems.map((p, i) => <li key={i} class="wrap"><span class="mono">{p.path}{p.line !== null && `:${p.line}`}</span> {p.message}</li>)}
                    </ul>
                  </div>
                </div>
              )}
              <div class="row between">
                <input class="input" style={{ maxWidth: '320px' }} type="search" aria-label="Find a skill" placeholder="Find" value={typed.value} onInput={e => { typed.value = e.currentTarget.value; }} />
                <span class="soft">{page.scope === 'scoped' ? 'This instance reads its own skills.' : page.scope === 'shared' ? 'This instance reads and writes the skills of the box.' : 'This instance reads its own skills, then those of the box.'}</span>
              </div>
              {found.length === 0 ? <Empty title="No skill of that kind">Write one: a procedure for a task that comes again.</Empty> : (
                <ul class="stack" style={{ listStyle: 'none', margin: 0, padding: 0 }}>
                  {found.map(s => (
                    <li key={s.name} class="panel">
                      <div class="row">
                        <a href={href('skills', s.name)}><strong>{s.name}</strong></a>
                        {s.slash && <Badge>/{s.slash}</Badge>}
                        <Badge tone={sourceTone[s.source]}>{s.source}</Badge>
                        {s.user_only && <Badge title="The agent is not told of it.">for people alone</Badge>}
                        {s.author && <Badge>by the agent</Badge>}
                        <span class="grow" />
                        {s.last_used && <small>used <Time at={s.last_used} how="ago" /></small>}
                      </div>
                      <p class="wrap" style={{ margin: '4px 0 0' }}>{s.description}</p>
                    </li>
                  ))}
                </ul>
              )}
            </>
          );
        }}
      </Shown>
    </Page>
  );
}
