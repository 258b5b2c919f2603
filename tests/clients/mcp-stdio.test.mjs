// The official MCP client over standard input and output, through `protoagent mcp`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createInterface } from 'node:readline';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema, ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { Sandbox, lastUser, program, signal, startModel, toolResults, until } from './harness.mjs';

let sandbox, model, agent, held;
const token = 'the-token';

before(async () => {
  sandbox = new Sandbox();
  model = await startModel(async request => {
    const text = lastUser(request);
    if (text.includes('hold')) return (async function* () { yield 'begun '; held.begun.done(); await held; yield 'over'; })();
    if (text.includes('ask me') && !toolResults(request).length) return { calls: [{ name: 'ask_human', arguments: { question: 'Which river?' } }] };
    return toolResults(request).length ? `The tool said: ${toolResults(request).join(' ')}` : `You said: ${text}`;
  });
  agent = await start();
});
after(async () => {
  held?.done();
  await sandbox?.close();
  await model?.close();
});

const start = port => sandbox.serve({ instance: 'desk', port, env: { ...model.env, A2A_AUTH_TOKEN: token } });

async function connect({ instance = 'desk', secret = token, capabilities = {} } = {}) {
  const client = new Client({ name: 'desktop', version: '1' }, { capabilities });
  const transport = new StdioClientTransport({ command: program, args: ['mcp'], env: sandbox.environment({ PROTOAGENT_INSTANCE: instance, A2A_AUTH_TOKEN: secret }), cwd: sandbox.work, stderr: 'pipe' });
  transport.said = '';
  transport.stderr.on('data', chunk => { transport.said += chunk; });
  await client.connect(transport);
  return client;
}

const call = (client, name, args = {}, options) => client.callTool({ name, arguments: args }, undefined, options);

test('A desktop client finds the running instance and uses it', async () => {
  const client = await connect();
  assert.equal(client.getServerVersion().name, 'protoagent');
  assert.equal((await client.listTools()).tools.length, 8);
  const answer = await call(client, 'chat', { message: 'grüß dich' });
  assert.equal(answer.content[0].text, 'You said: grüß dich');
  assert.equal(answer.structuredContent.status, 'done');
  const heard = [];
  await call(client, 'chat', { message: 'more' }, { onprogress: p => heard.push(p) });
  assert.ok(heard.length > 0);
  await assert.rejects(client.readResource({ uri: 'thread://none' }), error => error.code === -32002);
  assert.equal(client.transport.said, '');
  await client.close();
});

test('Questions of the agent reach the person at the desktop client', async () => {
  const client = await connect({ capabilities: { elicitation: {} } });
  client.setRequestHandler(ElicitRequestSchema, async () => ({ action: 'accept', content: { answer: 'The Elbe' } }));
  assert.match((await call(client, 'chat', { message: 'ask me' })).content[0].text, /The Elbe/);
  await client.close();
});

test('What the server says unasked arrives, and a cancelled call cancels the turn', async () => {
  const client = await connect();
  const updated = [];
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, n => { updated.push(n.params.uri); });
  await client.subscribeResource({ uri: 'thread://seen' });
  await until(async () => {
    await call(client, 'chat', { message: 'hello', session_id: 'seen' });
    return updated.includes('thread://seen');
  }, 'resources/updated');
  held = Object.assign(signal(), { begun: signal() });
  const stop = new AbortController();
  const asked = assert.rejects(call(client, 'chat', { message: 'hold', session_id: 'stopped' }, { signal: stop.signal }));
  await held.begun;
  stop.abort('enough');
  await asked;
  await until(async () => (await agent.get('/api/chat/sessions/stopped/messages', { headers: { authorization: `Bearer ${token}` } })).items.some(m => m.code === 'cancelled'));
  held.done();
  await client.close();
});

test('Survives kill -9 of the instance: an error meanwhile, and the session goes on when it is back', async () => {
  const client = await connect();
  const updated = [];
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, n => { updated.push(n.params.uri); });
  await client.subscribeResource({ uri: 'thread://after' });
  const { session_id } = (await call(client, 'chat', { message: 'before' })).structuredContent;
  held = Object.assign(signal(), { begun: signal() });
  const asked = assert.rejects(call(client, 'chat', { message: 'hold' }), /not known/);
  await held.begun;
  const port = agent.port;
  await agent.kill();
  await asked;
  await assert.rejects(call(client, 'chat', { message: 'anybody?' }), /PROTOAGENT_INSTANCE=desk protoagent serve/);
  agent = await start(port);
  const again = await call(client, 'chat', { message: 'after', session_id });
  assert.equal(again.content[0].text, 'You said: after');
  await until(async () => {
    await call(client, 'chat', { message: 'hello', session_id: 'after' });
    return updated.includes('thread://after');
  }, 'the subscription in the new session');
  held.done();
  await client.close();
});

test('Where no instance runs, initialize fails and says how to start it', async () => {
  await assert.rejects(connect({ instance: 'nobody' }), /PROTOAGENT_INSTANCE=nobody protoagent serve/);
});

test('A wrong token is said, with where the right one belongs', async () => {
  await assert.rejects(connect({ secret: 'wrong' }), /A2A_AUTH_TOKEN/);
});

test('Standard output carries the protocol alone, and the program ends with its input', async () => {
  const child = sandbox.command(['mcp'], { instance: 'desk', env: { A2A_AUTH_TOKEN: token } });
  const lines = [];
  createInterface({ input: child.stdout }).on('line', line => lines.push(JSON.parse(line)));
  const ended = new Promise(done => child.once('close', done));
  child.stdin.write('this is no message\n');
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 'a', method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } } })}\n`);
  child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  child.stdin.end('{"jsonrpc":"2.0","id":"b","method":"tools/list"}\n');
  assert.equal(await ended, 0);
  assert.equal(lines[0].error.code, -32700);
  assert.equal(lines.find(l => l.id === 'a').result.protocolVersion, '2025-06-18');
  assert.equal(lines.find(l => l.id === 'b').result.tools.length, 8);
  assert.ok(lines.every(l => l.jsonrpc === '2.0'));
});
