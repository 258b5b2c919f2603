import './box.css';
import { status, what } from '../../state/instance';
import { Badge } from '../../ui/parts';
import { Time } from '../../ui/time';

/** What a box full of instances makes people ask of the one they look at: who holds its schedule, and what stands in its way. */
export function Own() {
  if (!status.value) return null;
  const { warnings } = status.value;
  return (
    <section class="stack" aria-labelledby="box-own">
      <h2 id="box-own">This instance</h2>
      <dl class="panel box-facts">
        <div><dt>schedule</dt><dd><Owner /></dd></div>
        <div><dt>warnings</dt><dd>{warnings.length === 0 ? 'none' : (
          <ul class="box-data">{warnings.map((w, i) => <li key={`${w.code}${i}`}>{what(w)} <strong>{w.remedy}</strong> <small class="mono">[{w.code}]</small></li>)}</ul>
        )}</dd></div>
      </dl>
    </section>
  );
}

function Owner() {
  const { state, owner } = status.value!.scheduler;
  if (state === 'running') return <><Badge tone="good">{state}</Badge> held by this process</>;
  if (state !== 'waiting') return <><Badge tone={state === 'broken' ? 'bad' : ''}>{state}</Badge> nothing fires here</>;
  if (!owner) return <><Badge tone="warn">{state}</Badge> held by a process that left no readable note beside the lock</>;
  return (
    <>
      <Badge tone="warn">{state}</Badge> held by {owner.instance ?? 'UNSCOPED'}, pid {owner.pid} on {owner.host_name}
      {owner.port && <>, <a href={`${location.protocol}//${location.hostname}:${owner.port}/#/schedule`}>port {owner.port}</a></>}, since <Time at={owner.started_at} how="full" />
    </>
  );
}
