import { Fragment, type VNode } from 'preact';
import { useRef } from 'preact/hooks';
import { Markdown } from '../../ui/markdown';
import { Badge, Copy } from '../../ui/parts';
import { Time } from '../../ui/time';
import type { Step } from './api';
import { AtOnce } from './thread';

/** The same object for as long as a conversation is shown, so that nothing is drawn again for it. */
export interface StepActions {
  fork: (step: Step) => void;
  rewind: (step: Step) => void | Promise<void>;
}

/** A step, and of a call its result once it is there. */
type Shown = [step: Step, result: Step | undefined];

/**
 * What was said and done, oldest first. In blocks: one that has not changed is the very node it was, and one out of sight is not laid
 * out, so that a step costs the same in a long conversation and in a short one.
 */
export function Steps({ steps, actions, missedAfter }: { steps: Step[]; actions: StepActions; missedAfter: number | null }) {
  const drawn = useRef(new Map<number, { steps: Shown[]; actions: StepActions; missedAfter: number | null; node: VNode }>());
  const results = new Map(steps.filter(s => s.role === 'tool_result').map(s => [callOf(s), s]));
  const blocks = new Map<number, Shown[]>();
  for (const step of steps) {
    const number = Math.floor((step.seq - 1) / AtOnce);
    const shown: Shown = [step, step.role === 'tool_call' ? results.get(callOf(step)) : undefined];
    blocks.get(number)?.push(shown) ?? blocks.set(number, [shown]);
  }

  const before = drawn.current;
  drawn.current = new Map([...blocks].map(([number, block]) => {
    const old = before.get(number);
    const same = old && old.actions === actions && old.missedAfter === missedAfter && old.steps.length === block.length
      && old.steps.every(([step, result], i) => step === block[i]![0] && result === block[i]![1]);
    return [number, same ? old : { steps: block, actions, missedAfter, node: <Block key={number} steps={block} actions={actions} missedAfter={missedAfter} /> }];
  }));
  return <>{[...drawn.current.values()].map(block => block.node)}</>;
}

/** A model may number its calls anew in every turn. */
const callOf = (step: Step) => `${step.turn_id} ${step.call_id}`;

function Block({ steps, actions, missedAfter }: { steps: Shown[]; actions: StepActions; missedAfter: number | null }) {
  return (
    <div class="chat-block">
      {steps.map(([step, result]) => (
        <Fragment key={step.seq}>
          {missedAfter !== null && step.seq === missedAfter + 1 && <p class="chat-note chat-missed"><small>What follows came while the connection was lost.</small></p>}
          <One step={step} result={result} actions={actions} />
        </Fragment>
      ))}
    </div>
  );
}

function One({ step, result, actions }: { step: Step; result: Step | undefined; actions: StepActions }) {
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
              <small><Time at={step.at} />{step.model && ` · ${step.model}`}{took(step)}</small>
              <Copy text={step.text} />
              <button type="button" class="button quiet small chat-act" onClick={() => actions.fork(step)}>Fork from here</button>
              <button type="button" class="button quiet small chat-act" onClick={() => void actions.rewind(step)}>Rewind to here</button>
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

const count = new Intl.NumberFormat();
const dollars = new Intl.NumberFormat(undefined, { style: 'currency', currency: 'USD', maximumFractionDigits: 4 });

/** What an answer took, as far as it is known. What is not stands nowhere or as null, as the step comes by a page or by the stream. */
function took({ input_tokens, output_tokens, cost_usd }: Step): string {
  const tokens = input_tokens == null && output_tokens == null ? '' : ` · ${count.format(input_tokens ?? 0)} tokens in, ${count.format(output_tokens ?? 0)} out`;
  return cost_usd == null ? tokens : `${tokens} · ${dollars.format(cost_usd)}`;
}

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
