import { useSignal } from '@preact/signals';

export interface Pages {
  /** Of the page that is looked at; null for the first. */
  cursor: string | null;
  depth: number;
  on: (next: string) => void;
  back: () => void;
  /** To the first page: the list became another. */
  first: () => void;
}

/** Where somebody is in a list that comes in pages. */
export function usePages(): Pages {
  const cursors = useSignal<string[]>([]);
  return {
    cursor: cursors.value.at(-1) ?? null,
    depth: cursors.value.length,
    on: next => { cursors.value = [...cursors.value, next]; },
    back: () => { cursors.value = cursors.value.slice(0, -1); },
    first: () => { cursors.value = []; },
  };
}

/** @param labels of back and on: what comes later in most lists is older. */
export function Pager({ pages, next, of, labels = ['Newer', 'Older'] }: { pages: Pages; next: string | null; of: string; labels?: [string, string] }) {
  if (!next && pages.depth === 0) return null;
  return (
    <nav class="row" aria-label={`Pages of ${of}`}>
      <button type="button" class="button small" disabled={pages.depth === 0} onClick={pages.back}>{labels[0]}</button>
      <button type="button" class="button small" disabled={!next} onClick={() => pages.on(next!)}>{labels[1]}</button>
      <small>page {pages.depth + 1}</small>
    </nav>
  );
}
