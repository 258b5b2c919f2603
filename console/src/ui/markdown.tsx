import DOMPurify from 'dompurify';
import { Marked, type Token, type Tokens } from 'marked';
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

/** A part of a text. */
interface Piece {
  text: string;
  /** Of the table it goes on with: without it its rows are none. */
  head: string;
  /** It goes on with the list or table that the one before ends in. */
  joins: boolean;
}

const alone = { head: '', joins: false };

export function Markdown({ text }: { text: string }) {
  const pieces = useMemo(() => split(text, 0), [text]);
  return pieces.length === 1 ? <Part text={text} /> : <Pieces of={pieces} />;
}

/** Text that grows at its end. Only what may still change its meaning is read again; a long answer costs with each word what a short one does. */
export function Growing({ text }: { text: string }) {
  const settled = useRef({ text: '', pieces: [] as Piece[], then: alone });
  const done = settled.current;
  if (!text.startsWith(done.text)) Object.assign(done, { text: '', pieces: [], then: alone });
  const more = split(text.slice(done.text.length), 2, done.then);
  const end = more.pop()!;
  Object.assign(done, { text: text.slice(0, text.length - end.text.length), pieces: [...done.pieces, ...more], then: { head: end.head, joins: end.joins } });
  return <Pieces of={[...done.pieces, end]} now />;
}

function Pieces({ of, now = false }: { of: Piece[]; now?: boolean }) {
  const groups: Piece[][] = [];
  for (const piece of of) {
    if (piece.joins) groups.at(-1)!.push(piece);
    else groups.push([piece]);
  }

  return <div class="parts">{groups.map((group, i) => group.length === 1 ? <Part key={i} text={group[0]!.text} now={now && i === groups.length - 1} /> : <Joined key={i} pieces={group} />)}</div>;
}

/**
 * A long text in parts that mean alone what they mean together.
 * @param open how many blocks at the end may still change and end no part
 * @param from how the first goes on with what was before
 */
function split(text: string, open: number, from: Omit<Piece, 'text'> = alone): Piece[] {
  if (text.length < 2 * PartSize) return [{ text, ...from }];
  // What is said of a line that goes on may be half a mark, which means something else; it is of the last part, whatever it will be.
  const lines = open === 0 ? text : text.slice(0, text.lastIndexOf('\n') + 1);
  const tokens = marked.lexer(from.head + lines);
  // What is defined once counts everywhere; and where the reading changed the text its parts can't be told.
  if (tokens.some(t => t.type === 'def') || tokens.map(t => t.raw).join('') !== from.head + lines) return [{ text, ...from }];
  const units = tokens.flatMap((token, i) => unitsOf(token, i === 0 && from.head !== ''));
  const blocks = units.flatMap((u, i) => isBlank(u) ? [] : [i]);
  const last = open === 0 ? units.length : blocks.at(-open) ?? 0;
  const pieces: Piece[] = [{ text: '', ...from }];
  units.forEach((unit, i) => {
    if (pieces.at(-1)!.text.length >= PartSize && !isBlank(unit) && i <= last) pieces.push({ ...unit, text: '' });
    pieces.at(-1)!.text += unit.text;
  });
  pieces.at(-1)!.text += text.slice(lines.length);
  return pieces;
}

const isBlank = (piece: Piece) => piece.text.trim() === '';

/** What of a block can stand alone: a list's items, a table's rows, else all of it. */
function unitsOf(token: Token, goesOn: boolean): Piece[] {
  const items = token.type === 'list' ? (token as Tokens.List).items.map(item => item.raw) : [];
  // The last one is told without the end of its line.
  const behind = token.raw.slice(items.join('').length);
  if (items.length > 1 && items.join('') + behind === token.raw && behind.trim() === '') return items.map((text, i) => ({ text: i < items.length - 1 ? text : text + behind, head: '', joins: i > 0 }));
  if (token.type !== 'table') return [{ text: token.raw, ...alone }];
  const [names = '', marks = '', ...rows] = token.raw.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const head = names + marks;
  const units = rows.map(text => ({ text, head, joins: true }));
  return goesOn ? units : [{ text: head, ...alone }, ...units];
}

/** Pieces of one list or table, drawn as one: what comes is put behind what is there. */
function Joined({ pieces }: { pieces: Piece[] }) {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<{ text: string; nodes: Element[] }[]>([]);
  useLayoutEffect(() => {
    const draw = () => {
      const all = drawn.current;
      const changed = all.findIndex((one, i) => one.text !== pieces[i]?.text);
      if (changed >= 0) all.splice(changed).forEach(one => one.nodes.forEach(node => node.remove()));
      box.current!.querySelector(':scope > .plain')?.remove();
      for (const piece of pieces.slice(all.length)) {
        if (!made.has(piece.head + piece.text) && isSpent()) {
          box.current!.append(Object.assign(document.createElement('div'), { className: 'markdown plain', textContent: pieces.slice(all.length).map(p => p.text).join('') }));
          frame.waiting.push(draw);
          return;
        }

        all.push({ text: piece.text, nodes: put(piece, box.current!) });
      }
    };
    draw();
    return () => { frame.waiting = frame.waiting.filter(one => one !== draw); };
  });
  return <div ref={box} class="markdown wrap" />;
}

/** Draws a piece at the end of what is drawn; what that came to. */
function put({ text, head, joins }: Piece, box: Element): Element[] {
  const made = document.createElement('div');
  made.innerHTML = toHtml(head + text);
  addCopies(made);
  const [before, first] = [box.lastElementChild, made.firstElementChild];
  const within = joins && before && before.tagName === first?.tagName ? [...first.children].filter(child => child.tagName !== 'THEAD') : [];
  if (within.length > 0) {
    before!.append(...within);
    first!.remove();
  }

  const behind = [...made.children];
  box.append(...behind);
  return [...within, ...behind];
}

function addCopies(box: Element) {
  for (const code of box.querySelectorAll('pre')) code.prepend(copies(() => code.querySelector('code')?.textContent ?? '', 'Copy code'));
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
  useLayoutEffect(() => addCopies(box.current!), [html]);
  return html === null ? <div ref={box} class="markdown wrap plain">{text}</div> : <div ref={box} class="markdown wrap" dangerouslySetInnerHTML={{ __html: html }} />;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
}
