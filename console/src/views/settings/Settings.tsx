import './settings.css';
import { theme, type Theme } from '../../frame/colours';
import { status } from '../../state/instance';
import { route } from '../../state/route';
import { Copy, Page, Spinner } from '../../ui/parts';
import { span, now } from '../../ui/time';
import { All } from './All';
import { Model } from './Model';

const Tabs = [['model', 'Model'], ['all', 'All settings'], ['instance', 'This instance'], ['appearance', 'Appearance']] as const;

/** How the instance is set up, where each value comes from, and what can be changed from here. */
export default function Settings() {
  const tab = route.value.rest[0] ?? 'model';
  return (
    <Page title="Settings">
      <nav class="tabs" aria-label="Settings">
        {Tabs.map(([name, title]) => <a key={name} href={`#/settings/${name}`} aria-current={tab === name ? 'page' : undefined}>{title}</a>)}
      </nav>
      {tab === 'all' ? <All /> : tab === 'instance' ? <Instance /> : tab === 'appearance' ? <Appearance /> : <Model />}
    </Page>
  );
}

const Sources = { env: 'PROTOAGENT_INSTANCE', config: 'instance_id in the configuration', auto: 'the working directory (PROTOAGENT_AUTO_SCOPE)', none: 'nothing: it is unscoped' };

function Instance() {
  const of = status.value?.instance;
  if (!of) return <Spinner />;
  const facts: [string, string][] = [
    ['Id', of.id ?? 'UNSCOPED'], ['From', Sources[of.source]], ['Agent', of.agent_name], ['Data', of.root], ['Data home of the box', of.data_home], ['Process', String(of.pid)],
    ['Port', String(of.port)], ['Version', of.version], ['Running for', span(now.value - Date.parse(of.started_at))],
  ];
  return (
    <>
      <div class="panel scroll-x">
        <table class="table"><caption class="visually-hidden">This instance</caption><tbody>
          {facts.map(([name, value]) => <tr key={name}><th scope="row">{name}</th><td class="wrap mono">{value}</td><td class="right">{name.startsWith('Data') && <Copy text={value} />}</td></tr>)}
        </tbody></table>
      </div>
      <p class="soft">To stop it: <code>kill {of.pid}</code>, or Ctrl-C where it runs. Turns that run get their time to finish; everything else is on the disk already. Its files are listed under <a href="#/box">Box</a>.</p>
    </>
  );
}

function Appearance() {
  return (
    <fieldset class="panel stack" style={{ margin: 0 }}>
      <legend class="label">Colours</legend>
      {(['system', 'light', 'dark'] as Theme[]).map(t => (
        <label key={t} class="row"><input type="radio" name="theme" checked={theme.value === t} onChange={() => { theme.value = t; }} /> {t === 'system' ? 'as this device has them' : t}</label>
      ))}
      <small>The tint is the instance’s own and can’t be chosen: it tells two tabs apart.</small>
    </fieldset>
  );
}
