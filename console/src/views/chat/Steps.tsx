import { Markdown } from '../../ui/markdown';
import { Badge, Copy } from '../../ui/parts';
import { Time } from '../../ui/time';
import type { Step } from './api';

export interface StepActions {
  fork: (step: Step) => void;
  rewind: (step: Step) => void | Promise<void>;
}

/** What was said and done, oldest first. Calls of tools are one card each, with their result once it is there. */
export function Steps({ steps, actions }: { steps: Step[]; actions: StepActions | null }) {
  const results = new Map(steps.filter(s => s.role === 'tool_result').map(s => [s.call_id, s]));
  return <>{steps.map(step => <One key={step.seq} step={step} result={step.role === 'tool_call' ? results.get(step.call_id) ?? null : null} actions={actions} />)}</>;
}

function One({ step, result, actions }: { step: Step; result: Step | null; actions: StepActions | null }) {
  switch (step.role) {
    case 'user':
      return (
        <article class="chat-user" aria-label="You">
          <Markdown text={step.text} />
          <footer class="row"><small><Time at={step.at} /></small></footer>
        </article>
      );
    case 'assistant':
      if (!step.text && !step.reasoning) return null;
      return (
        <article class="chat-agent" aria-label="Agent">
          {step.reasoning && <Thoughts text={step.reasoning} />}
          {step.text && <Markdown text={step.text} />}
          {step.text && (
            <footer class="row">
              <small><Time at={step.at} />{step.model && ` · ${step.model}`}</small>
              <Copy text={step.text} />
              {actions && <button type="button" class="button quiet small" onClick={() => actions.fork(step)}>Fork from here</button>}
              {actions && <button type="button" class="button quiet small" onClick={() => void actions.rewind(step)}>Rewind to here</button>}
            </footer>
          )}
        </article>
      );
    case 'tool_call':
      return (
        <details class="chat-call panel">
          <summary class="row"><strong>{step.tool}</strong><Badge tone={result ? tones[result.status ?? ''] ?? 'bad' : 'accent'}>{result ? result.status : 'called'}</Badge></summary>
          <h3>Arguments</h3>
          <pre class="code" tabIndex={0} aria-label={`Arguments of ${step.tool}`}>{pretty(step.arguments ?? '')}</pre>
          {result && <><h3>Result</h3><pre class="code" tabIndex={0} aria-label={`Result of ${step.tool}`}>{result.text}</pre></>}
        </details>
      );
    case 'summary':
      return <details class="chat-note"><summary>What was said before is summarised for the model</summary><Markdown text={step.text} /></details>;
    case 'note':
      return <p class="chat-note"><small>{step.text}</small></p>;
    default:
      return null;
  }
}

const tones: Record<string, 'good' | 'bad' | 'warn'> = { ok: 'good', error: 'bad', denied: 'warn', unknown: 'warn' };

export function Thoughts({ text }: { text: string }) {
  return <details class="chat-thoughts"><summary>Thoughts</summary><div class="wrap">{text}</div></details>;
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
