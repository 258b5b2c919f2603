import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { words } from '../../api/problem';
import { readStatus, status } from '../../state/instance';
import { Badge, Field, focusHeading, Spinner } from '../../ui/parts';
import { say } from '../../ui/toast';
import { detect, outcome, tryModel, write, type Endpoint, type ModelDraft, type Trial } from './api';

interface Preset {
  title: string;
  provider: string;
  base_url: string;
  key: boolean;
  example: string;
}

const Presets: Preset[] = [
  { title: 'OpenAI', provider: 'openai', base_url: 'https://api.openai.com/v1', key: true, example: 'gpt-5' },
  { title: 'Anthropic', provider: 'anthropic', base_url: '', key: true, example: 'claude-sonnet-4-5' },
  { title: 'OpenRouter', provider: 'openai', base_url: 'https://openrouter.ai/api/v1', key: true, example: 'qwen/qwen3-32b' },
  { title: 'LiteLLM', provider: 'openai', base_url: 'http://127.0.0.1:4000/v1', key: true, example: 'the name the proxy gives it' },
  { title: 'Ollama', provider: 'openai', base_url: 'http://127.0.0.1:11434/v1', key: false, example: 'qwen3' },
  { title: 'LM Studio', provider: 'openai', base_url: 'http://127.0.0.1:1234/v1', key: false, example: 'the model that is loaded' },
  { title: 'llama.cpp', provider: 'openai', base_url: 'http://127.0.0.1:8080/v1', key: false, example: 'default' },
  { title: 'vLLM', provider: 'openai', base_url: 'http://127.0.0.1:8000/v1', key: false, example: 'the model that is served' },
  { title: 'Other', provider: 'openai', base_url: '', key: true, example: '' },
];

/** Which model answers; and from the offline one the way to a real one: choose, try, save. No restart. */
export function Model() {
  const draft = useSignal<ModelDraft>({ provider: 'openai', base_url: '', name: '', api_key: '' });
  const preset = useSignal<Preset | null>(null);
  const found = useSignal<Endpoint[] | null>(null);
  const names = useSignal<string[]>([]);
  const trial = useSignal<Trial | null>(null);
  const problem = useSignal<string | null>(null);
  const busy = useSignal<'' | 'trying' | 'saving'>('');
  const now = status.value?.model;

  useEffect(() => {
    const abort = new AbortController();
    detect(abort.signal).then(list => { found.value = list; }, () => { found.value = []; });
    return () => abort.abort();
  }, []);

  const set = (part: Partial<ModelDraft>) => {
    draft.value = { ...draft.value, ...part };
    trial.value = null;
    problem.value = null;
  };
  const choose = (p: Preset) => {
    preset.value = p;
    names.value = [];
    set({ provider: p.provider, base_url: p.base_url, name: '', api_key: '' });
  };
  const take = (endpoint: Endpoint) => {
    preset.value = Presets.find(p => p.base_url === endpoint.base_url) ?? Presets.at(-1)!;
    names.value = endpoint.models;
    set({ provider: 'openai', base_url: endpoint.base_url, name: endpoint.models[0] ?? '', api_key: '' });
  };
  const attempt = async (e?: Event) => {
    e?.preventDefault();
    busy.value = 'trying';
    problem.value = null;
    // What is edited meanwhile is another draft, and of that one the answer says nothing.
    const tried = draft.value;
    try {
      const answer = await tryModel(tried);
      if (draft.value !== tried) return;
      trial.value = answer;
      if (answer.models.length > 0) names.value = answer.models;
    } catch (error) {
      if (draft.value === tried) problem.value = words(error);
    } finally {
      busy.value = '';
    }
  };
  const save = async () => {
    busy.value = 'saving';
    const saved = draft.value;
    const { provider, base_url, name, api_key } = saved;
    try {
      const written = await write({
        'model.provider': provider, 'model.base_url': base_url || null, 'model.name': name,
        ...(api_key ? { [provider === 'anthropic' ? 'model.anthropic_api_key' : 'model.api_key']: api_key } : {}),
      });
      say(outcome(written));
      if (draft.value === saved) {
        set({ api_key: '' });
        preset.value = null;
        focusHeading();
      }
      await readStatus();
    } catch (error) {
      problem.value = words(error);
    } finally {
      busy.value = '';
    }
  };

  return (
    <>
      {now && (
        <div class="panel row">
          <div class="grow"><strong>{now.name}</strong> <span class="soft wrap">{now.provider === 'offline' ? 'The built-in offline model follows rules and does not think. Everything around it is real.' : `${now.provider}${now.base_url ? ` at ${now.base_url}` : ''}`}</span></div>
          <Badge tone={now.provider === 'offline' ? 'warn' : 'good'}>{now.provider === 'offline' ? 'offline' : 'configured'}</Badge>
        </div>
      )}
      <section class="panel stack" aria-label="Connect a model">
        <h2>{now?.provider === 'offline' ? 'Connect a real model' : 'Connect another model'}</h2>
        <div aria-live="polite">
          {found.value === null ? <Spinner label="Looking for model servers on this machine" />
            : found.value.length === 0 ? <p class="soft">No model server was found on this machine. Start one and come back, or choose below.</p>
            : <div class="stack"><p class="soft" style={{ margin: 0 }}>Found on this machine:</p><div class="settings-presets">{found.value.map(e => (
              <button key={e.base_url} type="button" class="button" aria-pressed={draft.value.base_url === e.base_url} onClick={() => take(e)}>{e.kind} <small class="mono">{e.base_url.replace(/^https?:\/\/|\/v1$/g, '')}</small> <Badge>{e.models.length} {e.models.length === 1 ? 'model' : 'models'}</Badge></button>
            ))}</div></div>}
        </div>
        <div class="settings-presets" role="group" aria-label="Kinds of endpoints">
          {Presets.map(p => <button key={p.title} type="button" class="button small" aria-pressed={preset.value === p} onClick={() => choose(p)}>{p.title}</button>)}
        </div>
        {preset.value && (
          <form class="stack" onSubmit={attempt}>
            <div class="settings-two">
              <Field label="Address" hint={draft.value.provider === 'anthropic' ? 'Empty: Anthropic’s own.' : 'Usually ends in /v1.'}>
                {control => <input {...control} class="input mono" type="url" required={draft.value.provider !== 'anthropic'} value={draft.value.base_url} onInput={e => set({ base_url: e.currentTarget.value })} />}
              </Field>
              <Field label="Model" hint={names.value.length > 0 ? `It lists ${names.value.length}.` : preset.value.example ? `Such as ${preset.value.example}.` : ''}>
                {control => (
                  <>
                    <input {...control} class="input mono" required list="settings-models" autocomplete="off" value={draft.value.name} onInput={e => set({ name: e.currentTarget.value })} />
                    <datalist id="settings-models">{names.value.map(n => <option key={n} value={n} />)}</datalist>
                  </>
                )}
              </Field>
            </div>
            <Field label={preset.value.key ? 'Key' : 'Key (most servers on one’s own machine want none)'} hint="It is sent to the address above, kept in secrets.yaml (0600) when you save, and never shown again.">
              {control => <input {...control} class="input" type="password" autocomplete="off" value={draft.value.api_key} onInput={e => set({ api_key: e.currentTarget.value })} />}
            </Field>
            <div aria-live="polite">
              {busy.value === 'trying' && <span class="row"><Spinner label="Asking the model" /> Asking it for one word…</span>}
              {trial.value?.ok && <div class="banner"><p><strong>It answers</strong>, in {trial.value.latency_ms.toLocaleString()} ms.</p></div>}
              {trial.value?.error && <div class="banner bad" role="alert"><p class="wrap">{trial.value.error.message} <small class="mono">[{trial.value.error.code}]</small></p></div>}
              {problem.value && <div class="banner bad" role="alert"><p class="wrap">{problem.value}</p></div>}
            </div>
            <div class="row">
              <button class={`button ${trial.value?.ok ? '' : 'primary'}`} disabled={busy.value !== ''}>Try it</button>
              <button type="button" class={`button ${trial.value?.ok ? 'primary' : ''}`} disabled={busy.value !== '' || draft.value.name.trim() === ''} onClick={save}>{trial.value?.ok ? 'Save and use it' : 'Save without trying'}</button>
            </div>
          </form>
        )}
      </section>
    </>
  );
}
