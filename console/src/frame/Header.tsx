import { connection } from '../api/events';
import { name, status } from '../state/instance';
import { Badge, type Tone } from '../ui/parts';
import { ago } from '../ui/time';
import { openPalette } from './Palette';

/** The seed's worries, always answered: which instance, which agent, which port, which model, whose schedule. */
export function Header() {
  const of = status.value;
  return (
    <header>
      <div class={`who ${of && of.instance.id === null ? 'unscoped' : ''}`} title={of ? `Data in ${of.instance.root}` : undefined}>
        <span class="chip" aria-hidden="true" /><span class="ellipsis" data-test="instance">{name.value}</span>
      </div>
      {of && (
        <dl>
          <div><dt>agent</dt><dd>{of.instance.agent_name}</dd></div>
          <div><dt>port</dt><dd>{of.instance.port}</dd></div>
          <div><dt>model</dt><dd>{of.model.name}{of.model.provider === 'offline' && <> <a href="#/settings/model">connect a real one</a></>}</dd></div>
          <div><dt>schedule</dt><dd><Schedule /></dd></div>
        </dl>
      )}
      <span class="grow" />
      <Connection />
      <button type="button" class="button small" onClick={openPalette} aria-keyshortcuts="Control+K Meta+K">Find <kbd class="hide-small soft">Ctrl K</kbd></button>
    </header>
  );
}

function Schedule() {
  const { state, owner, next_fire, jobs } = status.value!.scheduler;
  const tone: Tone = state === 'running' ? 'good' : state === 'waiting' || state === 'broken' ? 'bad' : '';
  const said = state === 'waiting' && owner ? `held by ${owner.instance ?? 'UNSCOPED'} (pid ${owner.pid}${owner.port ? `, port ${owner.port}` : ''})`
    : state === 'running' ? (next_fire ? `next ${ago(next_fire)}` : jobs ? 'nothing due' : 'running') : state;
  return <a href="#/schedule"><Badge tone={tone}><span class="dot" aria-hidden="true" />{said}</Badge></a>;
}

function Connection() {
  if (connection.value === 'live') return <span class="visually-hidden" role="status">Connected</span>;
  return <span role="status"><Badge tone="warn"><span class="spinner" aria-hidden="true" />{connection.value === 'lost' ? 'Connection lost, trying again' : 'Connecting'}</Badge></span>;
}
