import { signal } from '@preact/signals';

/** Where the console is: #/view/rest?query. In the fragment, so that a reload and a link land where they were. */
export interface Route {
  view: string;
  /** What follows the view's name, decoded. */
  rest: string[];
  query: URLSearchParams;
}

export const route = signal(read());

addEventListener('hashchange', () => { route.value = read(); });

function read(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [view = '', ...rest] = path.split('/').map(decodeSafely);
  return { view: view || 'chat', rest: rest.filter(r => r !== ''), query: new URLSearchParams(query) };
}

function decodeSafely(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function href(view: string, ...rest: string[]): string {
  return `#/${[view, ...rest].map(encodeURIComponent).join('/')}`;
}

export function go(view: string, ...rest: string[]) {
  location.hash = href(view, ...rest);
}

/** The same, without a step back to where it was. */
export function replace(view: string, ...rest: string[]) {
  history.replaceState(null, '', href(view, ...rest));
  route.value = read();
}
