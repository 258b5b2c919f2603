// A running instance in a sealed environment of its own, and a model whose every answer the test decides.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** After this a test that waits has failed. Long, because a loaded machine is slow, not wrong. */
export const patience = 60_000;

/** The native binary named by PROTOAGENT_TEST_BINARY, else what the build made. There is no third way, and no skipping. */
export const program = (() => {
  const path = process.env.PROTOAGENT_TEST_BINARY || join(repository, 'src/ProtoAgent/bin/Debug/net10.0/protoagent');
  if (!existsSync(path)) throw new Error(`${path} isn't there: build or publish first.`);
  return resolve(path);
})();

/** A machine of its own: an empty HOME, a working directory, and an environment made from nothing. */
export class Sandbox {
  constructor() {
    this.root = mkdtempSync(join(tmpdir(), 'protoagent-client-'));
    this.home = this.folder('home');
    this.work = this.folder('work');
    this.running = [];
  }

  folder(name) {
    const path = join(this.root, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  environment(more = {}) {
    const environment = {
      HOME: this.home, PATH: '/usr/local/bin:/usr/bin:/bin', TMPDIR: this.folder('tmp'), DOTNET_EnableDiagnostics: '0', ...more,
    };
    if (process.env.DOTNET_ROOT) environment.DOTNET_ROOT ??= process.env.DOTNET_ROOT;
    return environment;
  }

  /** Starts `serve` on a free port, or another program that says as much, and waits until it answers. */
  async serve({ instance, env = {}, args = [], port = 0, program: other = null } = {}) {
    const agent = new Agent(spawn(other ?? program, other ? [] : ['serve', '--json', '--port', String(port), ...args], {
      cwd: this.work, env: this.environment({ ...(instance ? { PROTOAGENT_INSTANCE: instance } : {}), ...env }), stdio: ['ignore', 'pipe', 'pipe'],
    }));
    this.running.push(agent);
    await agent.ready;
    return agent;
  }

  /** A command with its standard streams open, for what speaks over them. */
  command(args, { instance, env = {} } = {}) {
    const child = spawn(program, args, {
      cwd: this.work, env: this.environment({ ...(instance ? { PROTOAGENT_INSTANCE: instance } : {}), ...env }), stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.running.push({ close: () => ended(child, 'SIGKILL') });
    return child;
  }

  async close() {
    for (const one of this.running) await one.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** One running instance. */
export class Agent {
  constructor(child) {
    this.child = child;
    this.log = '';
    this.ready = new Promise((done, failed) => {
      createInterface({ input: child.stdout }).on('line', line => {
        this.log += line + '\n';
        if (this.url) return;
        const said = JSON.parse(line);
        ({ url: this.url, port: this.port, root: this.root } = said);
        done(said);
      });
      createInterface({ input: child.stderr }).on('line', line => { this.log += line + '\n'; });
      child.once('error', failed);
      child.once('exit', () => failed(new Error(`The process ended before it was ready.\n${this.log}`)));
    });
  }

  get pid() { return this.child.pid; }

  fetch(path, init) { return fetch(new URL(path, this.url), init); }

  async get(path, init) {
    const answer = await this.fetch(path, init);
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}\n${this.log}`);
    return answer.json();
  }

  post(path, body, headers = {}) {
    return this.fetch(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
  }

  /** SIGKILL, and the process is gone when this returns. */
  kill() { return ended(this.child, 'SIGKILL'); }

  /** SIGTERM; the exit code. */
  stop() { return ended(this.child, 'SIGTERM'); }

  close() { return this.kill(); }
}

function ended(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  const gone = new Promise(done => child.once('exit', code => done(code)));
  child.kill(signal);
  return gone;
}

/**
 * An OpenAI-compatible endpoint. `answer(request, call)` says what the model says to each request of /chat/completions:
 * a string, or `{ text?, calls?: [{ name, arguments, id? }], finish?, status?, error? }`, or a promise of one; or an async iterable of strings for an
 * answer that comes in pieces as the test says them. Embeddings are three numbers made of the text.
 */
export async function startModel(answer = request => `You said: ${lastUser(request)}`) {
  const requests = [];
  const server = http.createServer(async (incoming, outgoing) => {
    const chunks = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk);
    } catch (error) {
      // Whoever asked was killed while it did, as tests do.
      if (!incoming.complete) return;
      throw error;
    }

    const body = chunks.length ? JSON.parse(Buffer.concat(chunks).toString()) : null;
    const call = { path: incoming.url, headers: incoming.headers, body };
    requests.push(call);
    if (incoming.url.endsWith('/embeddings')) {
      const texts = [body.input].flat();
      return json(outgoing, 200, {
        object: 'list', model: body.model, usage: { prompt_tokens: 3, total_tokens: 3 },
        data: texts.map((text, index) => ({ object: 'embedding', index, embedding: embed(text, body.encoding_format) })),
      });
    }

    if (!incoming.url.endsWith('/chat/completions')) return json(outgoing, 200, { object: 'list', data: [{ id: 'scripted', object: 'model' }] });
    try {
      await reply(outgoing, body, await answer(body, call));
    } catch (error) {
      outgoing.destroy(error);
    }
  });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  const base = `http://127.0.0.1:${server.address().port}/v1`;
  return {
    requests,
    /** What an instance needs to use it. */
    env: { PROTOAGENT_MODEL_BASE_URL: base, PROTOAGENT_MODEL: 'scripted', OPENAI_API_KEY: 'sk-of-the-scripted-model' },
    close: () => new Promise(done => { server.closeAllConnections(); server.close(done); }),
  };
}

/** The text of the last message of the user. */
export function lastUser(request) {
  const content = request.messages.findLast(m => m.role === 'user')?.content ?? '';
  return typeof content === 'string' ? content : content.filter(p => p.type === 'text').map(p => p.text).join('');
}

/** What tools said since the model was asked last, in order. */
export function toolResults(request) {
  const from = request.messages.findLastIndex(m => m.role !== 'tool');
  return request.messages.slice(from + 1).map(m => typeof m.content === 'string' ? m.content : m.content.map(p => p.text).join(''));
}

/** A promise with its ends outside. */
export function signal() {
  let done, failed;
  const promise = new Promise((yes, no) => { done = yes; failed = no; });
  return Object.assign(promise, { done, failed });
}

/** Until the condition holds; for what only the other process can see. */
export async function until(condition, what = 'the condition') {
  const end = Date.now() + patience;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`${what} did not come about.`);
    await new Promise(again => setTimeout(again, 20));
  }
}

function json(outgoing, status, body) {
  outgoing.writeHead(status, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify(body));
}

async function reply(outgoing, request, said) {
  if (typeof said === 'string') said = { text: said };
  if (said.status) return json(outgoing, said.status, { error: { message: said.error ?? 'no', type: 'error', code: said.code ?? null } });
  const calls = (said.calls ?? []).map((c, i) => ({
    id: c.id ?? `call_${i}`, type: 'function', function: { name: c.name, arguments: typeof c.arguments === 'string' ? c.arguments : JSON.stringify(c.arguments ?? {}) },
  }));
  const finish = said.finish ?? (calls.length ? 'tool_calls' : 'stop');
  const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
  if (!request.stream) {
    return json(outgoing, 200, {
      id: 'c1', object: 'chat.completion', created: 1, model: request.model, usage,
      choices: [{ index: 0, finish_reason: finish, message: { role: 'assistant', content: said.text ?? null, ...(calls.length ? { tool_calls: calls } : {}) } }],
    });
  }

  outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (delta, reason = null) => outgoing.write(`data: ${JSON.stringify({
    id: 'c1', object: 'chat.completion.chunk', created: 1, model: request.model, choices: [{ index: 0, delta, finish_reason: reason }],
  })}\n\n`);
  if (said[Symbol.asyncIterator]) {
    for await (const piece of said) send({ role: 'assistant', content: piece });
  } else {
    for (const piece of (said.text ?? '').match(/[^]{1,8}/g) ?? []) send({ role: 'assistant', content: piece });
    calls.forEach((call, index) => send({ tool_calls: [{ index, ...call }] }));
  }

  send({}, finish);
  outgoing.write(`data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: request.model, choices: [], usage })}\n\n`);
  outgoing.end('data: [DONE]\n\n');
}

function embed(text, format) {
  const numbers = [text.length, [...text].filter(c => c === ' ').length, 1];
  return format === 'base64' ? Buffer.from(new Float32Array(numbers).buffer).toString('base64') : numbers;
}
