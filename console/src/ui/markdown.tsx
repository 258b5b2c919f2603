import DOMPurify from 'dompurify';
import { Marked } from 'marked';
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { copies } from './parts';

const marked = new Marked({ gfm: true, breaks: true, async: false });

// What a model says comes from anywhere: no markup that loads, runs, styles or submits anything passes. Images too would tell
// their host who reads; they become links.
const purify = DOMPurify();
purify.addHook('afterSanitizeAttributes', node => {
  if (node.tagName === 'A') {
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener noreferrer nofollow');
  }
});
marked.use({
  renderer: {
    image: ({ href, text }) => `<a href="${encodeURI(href)}">${text ? escape(text) : 'image'}</a>`,
    html: ({ text }) => escape(text),
  },
});

const Allowed = {
  ALLOWED_TAGS: ['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'strong', 'em', 'del', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'input', 'sup', 'sub'],
  ALLOWED_ATTR: ['href', 'title', 'align', 'start', 'type', 'checked', 'disabled', 'class'],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#)/i,
  RETURN_TRUSTED_TYPE: true,
};

/** HTML of Markdown, with nothing in it but words and their form. What was made last is kept: an answer is drawn as it grows, and again when it is done. */
export function toHtml(text: string): string {
  const known = made.get(text);
  if (known !== undefined) return known;
  const from = performance.now();
  // A TrustedHTML where the browser has them, which the Content-Security-Policy then insists on.
  const html = purify.sanitize(marked.parse(text) as string, Allowed) as unknown as string;
  frame.spent += performance.now() - from;
  made.set(text, html);
  if (made.size > 200) made.delete(made.keys().next().value!);
  return html;
}

const made = new Map<string, string>();

/** What a frame may spend on Markdown, in ms. What comes after is words alone until a later frame has time for their form, the last first: there people look. */
const Budget = 8;
const frame = { spent: 0, waiting: [] as (() => void)[], asked: false };

/** With the next frame there is time again, for what waits first. */
function renew() {
  if (frame.asked) return;
  frame.asked = true;
  requestAnimationFrame(() => {
    Object.assign(frame, { spent: 0, asked: false });
    while (frame.waiting.length > 0 && frame.spent <= Budget) frame.waiting.pop()!();
    if (frame.waiting.length > 0) renew();
  });
}

function isSpent(): boolean {
  renew();
  return frame.spent > Budget;
}

/** Characters after which a part of a long text ends, at the next end of a block. */
const PartSize = 1_000;

export function Markdown({ text }: { text: string }) {
  const parts = useMemo(() => split(text, 0), [text]);
  return parts.length === 1 ? <Part text={text} /> : <div class="parts">{parts.map((part, i) => <Part key={i} text={part} />)}</div>;
}

/** Text that grows at its end. Only what may still change its meaning is read again; a long answer costs with each word what a short one does. */
export function Growing({ text }: { text: string }) {
  const settled = useRef({ text: '', parts: [] as string[] });
  const done = settled.current;
  if (!text.startsWith(done.text)) Object.assign(done, { text: '', parts: [] });
  const more = split(text.slice(done.text.length), 2);
  const end = more.pop()!;
  Object.assign(done, { text: text.slice(0, text.length - end.length), parts: [...done.parts, ...more] });
  return (
    <div class="parts">
      {done.parts.map((part, i) => <Part key={i} text={part} />)}
      <Part key={done.parts.length} text={end} now />
    </div>
  );
}

/**
 * A long text in parts that mean alone what they mean together.
 * @param open how many blocks at the end may still change and end no part
 */
function split(text: string, open: number): string[] {
  if (text.length < 2 * PartSize) return [text];
  const tokens = marked.lexer(text);
  // What is defined once counts everywhere; and where the reading changed the text its parts can't be told.
  if (tokens.some(t => t.type === 'def') || tokens.map(t => t.raw).join('') !== text) return [text];
  const blocks = tokens.flatMap((t, i) => t.type === 'space' ? [] : [i]);
  const last = open === 0 ? tokens.length : blocks.at(-open) ?? 0;
  const parts = [''];
  tokens.forEach((token, i) => {
    if (parts.at(-1)!.length >= PartSize && token.type !== 'space' && i <= last) parts.push('');
    parts[parts.length - 1] += token.raw;
  });
  return parts;
}

function Part({ text, now = false }: { text: string; now?: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const ready = useSignal(false);
  const html = useMemo(() => now || ready.value || made.has(text) || !isSpent() ? toHtml(text) : null, [text, now, ready.value]);
  useEffect(() => {
    if (html !== null) return;
    const draw = () => {
      toHtml(text);
      ready.value = true;
    };
    frame.waiting.push(draw);
    renew();
    return () => { frame.waiting = frame.waiting.filter(one => one !== draw); };
  }, [text, html === null]);
  useLayoutEffect(() => {
    for (const code of box.current!.querySelectorAll('pre')) code.prepend(copies(() => code.querySelector('code')?.textContent ?? '', 'Copy code'));
  }, [html]);
  return html === null ? <div ref={box} class="markdown wrap plain">{text}</div> : <div ref={box} class="markdown wrap" dangerouslySetInnerHTML={{ __html: html }} />;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
}
