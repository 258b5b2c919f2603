import DOMPurify from 'dompurify';
import { Marked } from 'marked';
import { useMemo } from 'preact/hooks';

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
  return <div class="markdown wrap" dangerouslySetInnerHTML={{ __html: html }} />;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
}
