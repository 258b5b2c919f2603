import { computed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { useLoaded } from '../../state/loaded';
import { href } from '../../state/route';
import { Badge, Shown } from '../../ui/parts';
import { clock, full, now, Time } from '../../ui/time';
import type { Job, Run } from './api';
import { Hour, lanes, same, Span, within, type Lane } from './timeline';
import { reason, runTone } from './words';

/** The last 24 hours and the next: what became of each due time, and what is to come. The same as a list below it. */
export function Timeline({ jobs }: { jobs: Job[] }) {
  // Read again when a job became another, not with each event: `jobs` are read with those. What is drawn stays until then.
  const read = useLoaded(signal => lanes(jobs, clock(), signal), []);
  const keys = [jobs.map(same).join(), tick.value];
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) void read.again();
    first.current = false;
  }, keys);
  return (
    <section class="panel schedule-timeline" aria-labelledby="schedule-timeline">
      <div class="row between">
        <h2 id="schedule-timeline">24 hours back, 24 hours ahead</h2>
        <Legend />
      </div>
      <Shown of={read}>
        {({ lanes: all, left }) => <Lanes all={within(all, minute.value)} left={left} />}
      </Shown>
    </section>
  );
}

function Lanes({ all, left }: { all: Lane[]; left: number }) {
  if (all.length === 0) return <p class="soft">Nothing was due in the last 24 hours, and nothing is in the next.</p>;
  return (
    <>
      <div class="lanes">
        <div class="axis" aria-hidden="true"><span /><Axis /></div>
        {all.map(lane => <LaneRow key={lane.job.id} lane={lane} />)}
      </div>
      {left > 0 && <small>{left} more jobs had or have something to do; these are the nearest in time.</small>}
      <List all={all} />
    </>
  );
}

const at = (time: number, from: number) => `${((time - (from - Span)) / (2 * Span) * 100).toFixed(3)}%`;
const hours = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/** Every six hours by the clock of who looks. */
function marks(from: number): number[] {
  const first = new Date(from - Span);
  first.setMinutes(0, 0, 0);
  const all: number[] = [];
  for (let t = first.getTime(); t < from + Span; t += Hour) if (t > from - Span && new Date(t).getHours() % 6 === 0) all.push(t);
  return all;
}

/** Drawn anew every minute; nothing moves faster than that at this width. */
const minute = computed(() => Math.floor(now.value / 60_000) * 60_000);
/** Read anew every ten: what comes near is known before it is seen. */
const tick = computed(() => Math.floor(now.value / 600_000));

function Axis() {
  const from = minute.value;
  return (
    <svg width="100%" height="18" aria-hidden="true">
      {marks(from).filter(t => Math.abs(t - from) > 2.2 * Hour).map(t => <text key={t} x={at(t, from)} y="13" text-anchor="middle" class={new Date(t).getHours() % 12 !== 0 || Math.abs(t - from) < 6 * Hour ? 'close' : ''}>{hours.format(t)}</text>)}
      <text x="50%" y="13" text-anchor="middle" class="now">now</text>
    </svg>
  );
}

function LaneRow({ lane }: { lane: Lane }) {
  const from = minute.value;
  const { job, runs, fires } = lane;
  return (
    <div class="lane">
      <a href={href('schedule', job.id)} class="ellipsis" title={job.prompt}>{job.id}</a>
      <svg width="100%" height="26" role="img" aria-label={summary(lane)}>
        {marks(from).map(t => <line key={t} x1={at(t, from)} x2={at(t, from)} y1="0" y2="26" class="mark" />)}
        <line x1="0" x2="100%" y1="13" y2="13" class="base" />
        <line x1="50%" x2="50%" y1="0" y2="26" class="now" />
        {lane.moreRuns && <rect x="0" width={at(Date.parse(runs.at(-1)!.due_at), from)} y="10" height="6" class="more" />}
        {lane.moreFires && <rect x={at(fires.at(-1)!, from)} width={`${((from + Span - fires.at(-1)!) / (2 * Span) * 100).toFixed(3)}%`} y="10" height="6" class="more" />}
        {fires.map(f => <rect key={f} x={at(f, from)} y="7" width="3" height="12" rx="1.5" class="fire"><title>{`due ${full.format(f)}`}</title></rect>)}
        {runs.map(r => <Mark key={r.id} run={r} x={at(Date.parse(r.due_at), from)} />)}
      </svg>
    </div>
  );
}

/** An outcome by its form as well as by its colour. */
function Shape({ status }: { status: string }) {
  if (status === 'failed') return <path d="M-4.5 -4.5L4.5 4.5M4.5 -4.5L-4.5 4.5" class="failed" />;
  if (status === 'missed') return <circle r="4.5" class="missed" />;
  if (status === 'skipped') return <path d="M-4.5 0H4.5" class="skipped" />;
  if (status === 'done') return <circle r="4.5" class="done" />;
  return <path d="M-5 0L0 -5.5L5 0L0 5.5Z" class="running" />;
}

function Mark({ run, x }: { run: Run; x: string }) {
  return (
    <svg x={x} y="13" overflow="visible">
      <g><title>{`${run.status}, due ${full.format(new Date(run.due_at))}${reason(run) ? `: ${reason(run)}` : ''}${run.error ? `: ${run.error}` : ''}`}</title><Shape status={run.status} /></g>
    </svg>
  );
}

function Legend() {
  return (
    <ul class="legend" aria-hidden="true">
      {['done', 'failed', 'missed', 'skipped', 'running'].map(s => <li key={s}><svg width="14" height="14" viewBox="-7 -7 14 14"><Shape status={s} /></svg>{s}</li>)}
      <li><svg width="8" height="14"><rect x="2" y="1" width="3" height="12" rx="1.5" class="fire" /></svg>to come</li>
    </ul>
  );
}

function summary({ job, runs, fires, moreRuns, moreFires }: Lane): string {
  const counts = new Map<string, number>();
  runs.forEach(r => counts.set(r.status, (counts.get(r.status) ?? 0) + 1));
  const was = [...counts].map(([status, n]) => `${n} ${status}`).join(', ') || 'nothing';
  const next = fires[0] ? `${fires.length}${moreFires ? ' or more' : ''} to come, the next at ${hours.format(fires[0])}` : 'nothing to come';
  return `${job.id}: last 24 hours ${was}${moreRuns ? ' or more' : ''}; ${next}`;
}

const MostListed = 200;

function List({ all }: { all: Lane[] }) {
  const lines = all.flatMap(({ job, runs, fires }) => [
    ...runs.map(r => ({ at: Date.parse(r.due_at), job: job.id, status: r.status as string, why: [reason(r), r.error].filter(Boolean).join(': ') })),
    ...fires.map(f => ({ at: f, job: job.id, status: 'to come', why: '' })),
  ]).sort((a, b) => Math.abs(a.at - now.peek()) - Math.abs(b.at - now.peek())).slice(0, MostListed).sort((a, b) => a.at - b.at);
  return (
    <details>
      <summary>The same as a list</summary>
      <div class="scroll-x">
        <table class="table">
          <caption class="visually-hidden">Due times of the last and the next 24 hours{lines.length === MostListed && ', the nearest'}</caption>
          <thead><tr><th scope="col">Due</th><th scope="col">Job</th><th scope="col">What became of it</th></tr></thead>
          <tbody>
            {lines.map(l => (
              <tr key={`${l.job}${l.at}${l.status}`}>
                <td><Time at={new Date(l.at).toISOString()} /></td>
                <td class="wrap"><a href={href('schedule', l.job)}>{l.job}</a></td>
                <td class="wrap"><Badge tone={runTone[l.status] ?? ''}>{l.status}</Badge> {l.why && <small>{l.why}</small>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
