import { computed } from '@preact/signals';
import { status } from '../../state/instance';
import { Time } from '../../ui/time';

/** Jobs can be changed here: this process holds the schedule. */
export const mine = computed(() => status.value?.scheduler.state === 'running');

/** Why nothing can be changed here, where that is so: another process holds the schedule, or nobody does. */
export function Owner() {
  const scheduler = status.value?.scheduler;
  if (!scheduler || scheduler.state === 'running') return null;
  const { owner, state } = scheduler;
  if (state !== 'waiting') {
    return (
      <div class="banner warn" role="status">
        <p class="wrap"><strong>The schedule is {state}.</strong> Nothing fires here and no job can be changed. {state === 'disabled' ? 'The setting scheduler.enabled turns it on; a standing warning above says if something else stands in its way.' : 'The standing warning above says why and what to do.'}</p>
      </div>
    );
  }

  return (
    <section class="banner warn" aria-label="Who holds the schedule">
      <div class="grow stack" style={{ gap: '8px' }}>
        <p class="wrap"><strong>Another process holds this schedule.</strong> Jobs can be looked at here, and changed there alone. This process takes over the moment that one is gone.</p>
        {owner ? (
          <dl class="schedule-facts">
            <div><dt>instance</dt><dd>{owner.instance ?? 'UNSCOPED'}</dd></div>
            <div><dt>agent</dt><dd>{owner.agent_name}</dd></div>
            <div><dt>process</dt><dd>pid {owner.pid} on {owner.host_name}</dd></div>
            <div><dt>port</dt><dd>{owner.port ?? 'none'}</dd></div>
            <div><dt>since</dt><dd><Time at={owner.started_at} how="full" /></dd></div>
          </dl>
        ) : <p>Who it is isn't known: it left no readable note beside the lock.</p>}
        {owner?.port && <p><a href={`${location.protocol}//${location.hostname}:${owner.port}/#/schedule`}>Open its schedule on port {owner.port}</a></p>}
        <p class="wrap"><small>Two instances that are to have a schedule each need an identity each: give one of them another PROTOAGENT_INSTANCE.</small></p>
      </div>
    </section>
  );
}
