import { useEffect } from 'preact/hooks';
import { ApiError } from '../api/problem';
import { confirm } from './dialog';

/** Asks before what is written and not saved is lost: to a link, the Back button, a reload. `dirty` reads signals. */
export function useUnsaved(dirty: () => boolean) {
  useEffect(() => {
    const here = location.href;
    let [asking, leaving] = [false, false];
    const unload = (e: BeforeUnloadEvent) => { if (dirty()) e.preventDefault(); };
    const move = async () => {
      if (leaving || location.href === here || !dirty()) return;
      // Put back before hashchange tells the route, which would take the editor away.
      const to = location.hash;
      history.replaceState(null, '', here);
      if (asking) return;
      asking = true;
      leaving = await confirm('Leave without saving?', 'What you wrote here is lost then.', 'Leave');
      asking = false;
      if (leaving) location.hash = to;
    };
    addEventListener('beforeunload', unload);
    addEventListener('popstate', move);
    return () => {
      removeEventListener('beforeunload', unload);
      removeEventListener('popstate', move);
    };
  }, []);
}

/** A text as the server has it, as far as this page knows. */
export interface Known {
  name: string;
  text: string;
}

/** Whether a text may be saved under a name: asks where that would take away what somebody else wrote. */
export async function mayReplace(kind: string, name: string, known: Known | null, read: (name: string) => Promise<string | null>): Promise<boolean> {
  let there: string | null;
  try {
    there = await read(name);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
    return true;
  }

  return known?.name !== name ? await confirm(`Replace “${name}”?`, `There is a ${kind} of that name. What you wrote takes its place.`, 'Replace')
    : known.text === there || await confirm('Save over what is there?', `“${name}” was changed meanwhile, by somebody else or in another tab. Saving replaces that with what you wrote.`, 'Save over it');
}
