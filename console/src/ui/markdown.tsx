import DOMPurify from 'dompurify';
import { Marked } from 'marked';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
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

/** HTML of Markdown, with nothing in it but words and their form. */
export function toHtml(text: string): string {
  // A TrustedHTML where the browser has them, which the Content-Security-Policy then insists on.
  return purify.sanitize(marked.parse(text) as string, Allowed) as unknown as string;
}

export function Markdown({ text }: { text: string }) {
  const html = useMemo(() => toHtml(text), [text]);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    for (const code of box.current!.querySelectorAll('pre')) code.prepend(copies(() => code.querySelector('code')?.textContent ?? '', 'Copy code'));
  }, [html]);
  return <div ref={box} class="markdown wrap" dangerouslySetInnerHTML={{ __html: html }} />;
}

/**
 * Text that grows at its end. Only what may still change its meaning is read again, the last two blocks; a long answer costs with each
 * word what a short one does.
 */
export function Growing({ text }: { text: string }) {
  const settled = useRef({ text: '', parts: [] as string[] });
  const done = settled.current;
  if (!text.startsWith(done.text)) Object.assign(done, { text: '', parts: [] });
  const tokens = marked.lexer(text.slice(done.text.length));
  const blocks = tokens.flatMap((token, i) => token.type === 'space' ? [] : [i]);
  const end = blocks.at(-2);
  if (end) {
    const raw = tokens.slice(0, end).map(token => token.raw).join('');
    // Where a tab or a line's end was rewritten the lengths differ: then nothing settles, which is slow and right.
    if (text.startsWith(raw, done.text.length)) {
      done.text += raw;
      done.parts = [...done.parts, raw];
    }
  }

  return (
    <div class="growing">
      {done.parts.map((part, i) => <Markdown key={i} text={part} />)}
      <Markdown text={text.slice(done.text.length)} />
    </div>
  );
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
}
