import { useLoaded } from '../../state/loaded';
import { href, route } from '../../state/route';
import { Badge, Empty, Page, Shown } from '../../ui/parts';
import { workflows } from './api';
import { RecipePage } from './RecipePage';
import { RunPage } from './RunPage';
import { Runs } from './Runs';

/** Recipes of steps, and their runs. */
export default function Workflows() {
  const [first, second] = route.value.rest;
  if (first === 'runs' && second) return <RunPage key={second} id={second} />;
  if (first && first !== 'runs') return <RecipePage key={first} name={first} />;
  return (
    <Page title="Workflows" actions={<a class="button primary" href={href('workflows', '+new')}>Write a recipe</a>}>
      <nav class="tabs" aria-label="Workflows">
        <a href="#/workflows" aria-current={first ? undefined : 'page'}>Recipes</a>
        <a href="#/workflows/runs" aria-current={first ? 'page' : undefined}>Runs</a>
      </nav>
      {first === 'runs' ? <Runs workflow="" /> : <Recipes />}
    </Page>
  );
}

function Recipes() {
  const read = useLoaded(workflows, [], ['workflow']);
  return (
    <Shown of={read}>
      {page => page.items.length === 0 ? <Empty title="No recipes">Write one: steps that an agent takes, in the order their results need.</Empty> : (
        <ul class="stack" style={{ listStyle: 'none', margin: 0, padding: 0 }}>
          {page.items.map(w => (
            <li key={w.name} class="panel">
              <div class="row">
                <a href={href('workflows', w.name)}><strong>{w.name}</strong></a>
                <Badge tone={w.source === 'own' ? 'accent' : ''}>{w.source}</Badge>
                {w.problems.length > 0 ? <Badge tone="bad">{w.problems.length} {w.problems.length === 1 ? 'problem' : 'problems'}</Badge> : <small>{w.steps.length} steps{w.steps.some(s => s.gate) && ', waits for you'}</small>}
              </div>
              <p class="wrap" style={{ margin: '4px 0 0' }}>{w.description}</p>
            </li>
          ))}
        </ul>
      )}
    </Shown>
  );
}
