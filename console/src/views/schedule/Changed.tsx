import type { Job } from './api';
import { differences, formOf, type Form } from './form';

/** Somebody else changed it meanwhile: both are shown, and a person decides. */
export function Changed({ mine, theirs, onMine, onTheirs }: { mine: Form; theirs: Job; onMine: () => void; onTheirs: () => void }) {
  const all = differences(mine, formOf(theirs));
  return (
    <section class="banner warn" role="alert" aria-label="Changed meanwhile">
      <div class="grow stack">
        <p class="wrap"><strong>Somebody changed this job while you did.</strong> Nothing of yours is lost: choose which it is to be.</p>
        {all.length === 0 ? <p>What they saved is what you typed.</p> : (
          <div class="scroll-x">
            <table class="table">
              <caption class="visually-hidden">Where the two differ</caption>
              <thead><tr><th scope="col">Field</th><th scope="col">Yours</th><th scope="col">As it is now</th></tr></thead>
              <tbody>{all.map(d => <tr key={d.name}><th scope="row">{d.name}</th><td class="wrap">{d.mine || 'empty'}</td><td class="wrap">{d.theirs || 'empty'}</td></tr>)}</tbody>
            </table>
          </div>
        )}
        <div class="row">
          <button type="button" class="button primary" onClick={onMine}>Save mine over it</button>
          <button type="button" class="button" onClick={onTheirs}>Take what is there</button>
        </div>
      </div>
    </section>
  );
}
