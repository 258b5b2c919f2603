import { call } from './http';

export interface Frame {
  id: string | null;
  event: string | null;
  data: string;
}

/** The instance says something at least every 15 s; a connection that is silent for this long is dead, whatever the browser thinks. */
const Silence = 45_000;

/**
 * When somebody looks at the page. A browser gives an instance six connections for all its tabs together: one nobody looks at leaves its
 * streams to the others, and takes them up where they were.
 */
export function inSight(abort: AbortSignal): Promise<void> {
  return new Promise(done => {
    const look = () => {
      if (document.hidden && !abort.aborted) return;
      document.removeEventListener('visibilitychange', look);
      abort.removeEventListener('abort', look);
      done();
    };
    document.addEventListener('visibilitychange', look);
    abort.addEventListener('abort', look);
    look();
  });
}

/**
 * The frames of a server-sent stream, until it ends or nobody looks. By fetch and not EventSource, which can't send a token.
 * @param opened called once the instance has answered
 */
export async function* frames(path: string, init: RequestInit & { signal: AbortSignal }, opened?: () => void): AsyncGenerator<Frame> {
  const dead = new AbortController();
  const headers = new Headers(init.headers);
  headers.set('accept', 'text/event-stream');
  const hidden = () => { if (document.hidden) dead.abort(); };
  document.addEventListener('visibilitychange', hidden);
  let reader: ReadableStreamDefaultReader<string> | null = null;
  try {
    const answer = await call(path, { ...init, headers, signal: AbortSignal.any([init.signal, dead.signal]) });
    opened?.();
    reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = '';
    for (;;) {
      const timer = setTimeout(() => dead.abort(), Silence);
      const { value, done } = await reader.read().finally(() => clearTimeout(timer));
      if (done) return;
      buffer += value;
      let end: number;
      while ((end = buffer.indexOf('\n\n')) >= 0) {
        const frame = read(buffer.slice(0, end));
        buffer = buffer.slice(end + 2);
        if (frame) yield frame;
      }
    }
  } finally {
    document.removeEventListener('visibilitychange', hidden);
    reader?.cancel().catch(() => undefined);
  }
}

function read(text: string): Frame | null {
  const frame: Frame = { id: null, event: null, data: '' };
  let any = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('data:')) {
      frame.data += (any ? '\n' : '') + line.slice(line[5] === ' ' ? 6 : 5);
      any = true;
    } else if (line.startsWith('id:')) {
      frame.id = line.slice(3).trim();
    } else if (line.startsWith('event:')) {
      frame.event = line.slice(6).trim();
    }
  }

  return any ? frame : null;
}

/** A pause that grows with each failure and differs between tabs, so that they don't all come back at once. */
export function pause(failures: number, abort: AbortSignal): Promise<void> {
  const milliseconds = Math.min(10_000, 250 * 2 ** Math.min(failures, 6)) * (0.75 + Math.random() / 2);
  return new Promise(done => {
    // Nothing stays behind with the signal: a tab is open for months.
    const over = () => {
      clearTimeout(timer);
      abort.removeEventListener('abort', over);
      done();
    };
    const timer = setTimeout(over, milliseconds);
    abort.addEventListener('abort', over);
  });
}
