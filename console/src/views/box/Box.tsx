import { useEffect } from 'preact/hooks';
import { status } from '../../state/instance';
import { useLoaded } from '../../state/loaded';
import { Badge, Empty, Page, Shown } from '../../ui/parts';
import { Time } from '../../ui/time';
import { instances, reach, type Instance } from './api';
import { Fleet } from './Fleet';
import { Own } from './Own';

/** Nobody tells one instance of another: while somebody looks, the box is looked at again and again. */
const EveryMs = 5_000;

/** Every instance that lives on this box, the ones this one keeps running, and which paths are whose. */
export default function Box() {
  const read = useLoaded(signal => instances(signal), [status.value?.siblings.length], ['instance', 'fleet', 'scheduler']);
  useEffect(() => {
    const timer = setInterval(() => { if (document.visibilityState === 'visible') void read.again(); }, EveryMs);
    return () => clearInterval(timer);
  }, [read.again]);
  return (
    <Page title="Box">
      <section class="stack" aria-labelledby="box-instances">
        <h2 id="box-instances">Instances that live</h2>
        <Shown of={read}>
          {list => (
            <div class="scroll-x panel" tabIndex={0} role="group" aria-label="Instances, scrolls sideways">
              <table class="table box-table">
                <caption class="visually-hidden">Live instances of this data home</caption>
                <thead><tr><th scope="col">Instance</th><th scope="col">Agent</th><th scope="col">Port</th><th scope="col" class="number">pid</th><th scope="col">Version</th><th scope="col">Uptime</th><th scope="col" class="number">Memory</th><th scope="col">Schedule</th><th scope="col">Warnings</th><th scope="col">Root</th></tr></thead>
                <tbody>{list.map(i => <Row key={`${i.pid}${i.started_at}`} instance={i} />)}</tbody>
              </table>
            </div>
          )}
        </Shown>
        <small>What a warning of another one means, and what to do about it, is said by its own console: follow the warning.</small>
      </section>
      <Own />
      <Fleet />
      <Paths />
    </Page>
  );
}

function Row({ instance }: { instance: Instance }) {
  // Two containers on one volume may count to the same pid.
  const self = instance.pid === status.value?.instance.pid && instance.started_at === status.value.instance.started_at;
  return (
    <tr>
      <th scope="row">{instance.instance ?? 'UNSCOPED'} {self && <Badge tone="accent">this one</Badge>}</th>
      <td>{instance.agent_name}</td>
      <td>{self ? instance.port : <a href={reach(instance.url)} target="_blank" rel="noopener">{instance.port}</a>}</td>
      <td class="number">{instance.pid}</td>
      <td>{instance.version}</td>
      <td><Time at={instance.started_at} how="up" /></td>
      <td class="number">{instance.memory_bytes === null ? '–' : `${(instance.memory_bytes / 1e6).toFixed(1)} MB`}</td>
      <td><Badge tone={instance.scheduler === 'running' ? 'good' : instance.scheduler === 'waiting' ? 'warn' : ''}>{instance.scheduler}</Badge></td>
      <td><Warnings of={instance} self={self} /></td>
      <td class="wrap"><code>{instance.root}</code></td>
    </tr>
  );
}

function Warnings({ of: { url, warnings }, self }: { of: Instance; self: boolean }) {
  if (warnings.length === 0) return <>none</>;
  return <div class="row">{warnings.map(code => <Badge key={code} tone="warn">{self ? code : <a href={`${reach(url)}/#/box`} target="_blank" rel="noopener">{code}</a>}</Badge>)}</div>;
}

function Paths() {
  const paths = status.value?.paths;
  if (!paths) return null;
  return (
    <section class="stack" aria-labelledby="box-paths">
      <h2 id="box-paths">Where this instance keeps everything</h2>
      {Object.keys(paths).length === 0 ? <Empty title="No path is known" /> : (
        <div class="scroll-x panel" tabIndex={0} role="group" aria-label="Paths, scrolls sideways">
          <table class="table">
            <caption class="visually-hidden">Paths of this instance</caption>
            <thead><tr><th scope="col">What</th><th scope="col">Path</th></tr></thead>
            <tbody>{Object.entries(paths).map(([what, path]) => <tr key={what}><th scope="row">{what.replaceAll('_', ' ')}</th><td class="wrap"><code>{path}</code></td></tr>)}</tbody>
          </table>
        </div>
      )}
    </section>
  );
}
