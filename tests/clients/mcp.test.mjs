// The official MCP client, against /mcp of a running instance.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  ElicitRequestSchema, LoggingMessageNotificationSchema, PromptListChangedNotificationSchema, ResourceListChangedNotificationSchema, ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { Sandbox, lastUser, signal, startModel, toolResults, until } from './harness.mjs';

const token = 'the-token-of-this-instance';
let sandbox, model, agent, held;

before(async () => {
  sandbox = new Sandbox();
  model = await startModel(async request => {
    const text = lastUser(request);
    if (text.includes('hold')) return (async function* () { yield 'begun '; held.begun.done(); await held; yield 'over'; })();
    if (text.includes('what time') && !toolResults(request).length) return { calls: [{ name: 'current_time' }] };
    if (text.includes('ask me') && !toolResults(request).length) return { calls: [{ name: 'ask_human', arguments: { question: 'Which river?' } }] };
    if (toolResults(request).length) return `The tool said: ${toolResults(request).join(' ')}`;
    return `You said: ${text}`;
  });
  agent = await sandbox.serve({ instance: 'harbour', env: { ...model.env, A2A_AUTH_TOKEN: token, A2A_FEDERATION_TOKEN: 'for-peers-alone' } });
});
after(async () => {
  held?.done();
  await sandbox?.close();
  await model?.close();
});

async function connect({ capabilities = {}, of = agent, secret = token } = {}) {
  const client = new Client({ name: 'tests', version: '1' }, { capabilities });
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', of.url), { requestInit: { headers: { authorization: `Bearer ${secret}` } } }));
  return client;
}

const call = (client, name, args = {}, options) => client.callTool({ name, arguments: args }, undefined, options);

test('Says who it is and what it can do', async () => {
  const client = await connect();
  assert.equal(client.getServerVersion().name, 'protoagent');
  const can = client.getServerCapabilities();
  assert.ok(can.logging && can.completions && can.tools && can.prompts.listChanged && can.resources.subscribe && can.resources.listChanged);
  assert.match(client.getInstructions(), /session_id/);
  assert.deepEqual(await client.ping(), {});
  await client.close();
});

test('Lists its tools with schemas of what they take and give', async () => {
  const client = await connect();
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map(t => t.name).sort(), [
    'add_knowledge', 'cancel_schedule', 'chat', 'list_schedules', 'post_inbox', 'run_workflow', 'schedule_task', 'search_knowledge',
  ]);
  for (const tool of tools) {
    assert.equal(tool.inputSchema.type, 'object', tool.name);
    assert.equal(tool.inputSchema.additionalProperties, false, tool.name);
    assert.equal(tool.outputSchema.type, 'object', tool.name);
    assert.ok(tool.title && tool.description && typeof tool.annotations.readOnlyHint === 'boolean', tool.name);
  }
  assert.deepEqual(tools.find(t => t.name === 'chat').inputSchema.required, ['message']);
  await client.close();
});

test('Chats, and goes on with the conversation', async () => {
  const client = await connect();
  const first = await call(client, 'chat', { message: 'hello' });
  assert.equal(first.content[0].text, 'You said: hello');
  assert.equal(first.structuredContent.status, 'done');
  const id = first.structuredContent.session_id;
  const second = await call(client, 'chat', { message: 'again', session_id: id });
  assert.equal(second.structuredContent.session_id, id);
  assert.deepEqual(model.requests.at(-1).body.messages.filter(m => m.role === 'user').length, 2);
  await client.close();
});

test('Reports progress while a turn runs', async () => {
  const client = await connect();
  const heard = [];
  const answer = await call(client, 'chat', { message: 'what time is it' }, { onprogress: p => heard.push(p) });
  assert.match(answer.content[0].text, /^The tool said: /);
  assert.deepEqual(answer.structuredContent.tool_calls, [{ name: 'current_time', status: 'ok' }]);
  const words = heard.map(p => p.message);
  assert.ok(words.includes('Calling current_time.') && words.includes('current_time: ok.'), words.join('|'));
  heard.reduce((before, now) => (assert.ok(now.progress > before), now.progress), -1);
  await client.close();
});

test('A cancelled call cancels the turn', async () => {
  held = Object.assign(signal(), { begun: signal() });
  const client = await connect();
  const stop = new AbortController();
  const asked = assert.rejects(call(client, 'chat', { message: 'hold', session_id: 'held' }, { signal: stop.signal }));
  await held.begun;
  stop.abort('enough');
  await asked;
  const auth = { headers: { authorization: `Bearer ${token}` } };
  await until(async () => (await agent.get('/api/chat/sessions/held/messages', auth)).items.some(m => m.code === 'cancelled'), 'the note that it was cancelled');
  held.done();
  await client.close();
});

test('The stream of a cancelled call ends, and the session stays', async () => {
  held = Object.assign(signal(), { begun: signal() });
  const client = await connect();
  const headers = {
    authorization: `Bearer ${token}`, accept: 'application/json, text/event-stream', 'mcp-session-id': client.transport.sessionId, 'mcp-protocol-version': '2025-11-25',
  };
  const asked = agent.post('/mcp', { jsonrpc: '2.0', id: 'mine', method: 'tools/call', params: { name: 'chat', arguments: { message: 'hold' } } }, headers).then(a => a.text());
  await held.begun;
  assert.equal((await agent.post('/mcp', { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'mine' } }, headers)).status, 202);
  assert.ok(!(await asked).includes('"result"'));
  assert.equal((await client.listTools()).tools.length, 8);
  held.done();
  await client.close();
});

test('A client whose connection broke gets the answer it missed (Last-Event-ID)', async () => {
  held = Object.assign(signal(), { begun: signal() });
  const client = await connect();
  const headers = {
    authorization: `Bearer ${token}`, accept: 'application/json, text/event-stream', 'mcp-session-id': client.transport.sessionId, 'mcp-protocol-version': '2025-11-25',
  };
  const broken = new AbortController();
  const answer = await agent.fetch('/mcp', {
    method: 'POST', signal: broken.signal, headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 'long', method: 'tools/call', params: { name: 'chat', arguments: { message: 'hold' } } }),
  });
  const { value } = await answer.body.getReader().read();
  const seen = /^id: ?(\S+)/m.exec(Buffer.from(value).toString())[1];
  await held.begun;
  broken.abort();
  held.done();
  const rest = await (await agent.fetch('/mcp', { headers: { ...headers, accept: 'text/event-stream', 'last-event-id': seen } })).text();
  assert.match(rest, /begun over/);
  assert.match(rest, /"id":"long"/);
  const unknown = await agent.fetch('/mcp', { headers: { ...headers, accept: 'text/event-stream', 'last-event-id': 'none.31.1' } });
  assert.equal(unknown.status, 400);
  await client.close();
});

test('A turn that asks is answered by the person at the client (elicitation)', async () => {
  const client = await connect({ capabilities: { elicitation: {} } });
  let question;
  client.setRequestHandler(ElicitRequestSchema, async request => {
    question = request.params;
    return { action: 'accept', content: { answer: 'The Elbe' } };
  });
  const answer = await call(client, 'chat', { message: 'ask me' });
  assert.equal(question.message, 'Which river?');
  assert.deepEqual(question.requestedSchema.required, ['answer']);
  assert.match(answer.content[0].text, /The Elbe/);
  assert.equal(answer.structuredContent.status, 'done');
  await client.close();
});

test('Without elicitation the answer says what waits, and how to decide it', async () => {
  const client = await connect();
  const answer = await call(client, 'chat', { message: 'ask me' });
  assert.equal(answer.structuredContent.status, 'waiting');
  const [{ id, question }] = answer.structuredContent.approvals;
  assert.equal(question, 'Which river?');
  assert.match(answer.content[0].text, new RegExp(id));
  await agent.post(`/api/approvals/${id}`, { decision: 'approve', answer: 'The Oder' }, { authorization: `Bearer ${token}` });
  const uri = `thread://${answer.structuredContent.session_id}`;
  await until(async () => (await client.readResource({ uri })).contents[0].text.includes('The tool said: The Oder'), 'the reply in the conversation');
  await client.close();
});

test('Adds knowledge and finds it, as structured content and as a resource', async () => {
  const client = await connect();
  const added = await call(client, 'add_knowledge', { content: 'The ferry to Glückstadt leaves at seven.', heading: 'Ferry' });
  assert.equal(added.structuredContent.outcome, 'added');
  assert.equal((await call(client, 'add_knowledge', { content: 'The ferry to Glückstadt leaves at seven.', heading: 'Ferry' })).structuredContent.outcome, 'duplicate');
  const { hits } = (await call(client, 'search_knowledge', { query: 'ferry Glückstadt' })).structuredContent;
  assert.equal(hits[0].uri, added.structuredContent.uri);
  assert.equal(hits[0].trust, 'agent');
  assert.match((await client.readResource({ uri: hits[0].uri })).contents[0].text, /leaves at seven/);
  await client.close();
});

test('Schedules, lists and cancels a job', async () => {
  const client = await connect();
  const { job } = (await call(client, 'schedule_task', { prompt: 'water the plants', when: '0 9 * * MON-FRI', timezone: 'Europe/Berlin', job_id: 'plants' })).structuredContent;
  assert.equal(job.id, 'plants');
  assert.match(job.next_fire, /Z$/);
  const { jobs } = (await call(client, 'list_schedules')).structuredContent;
  assert.deepEqual(jobs.map(j => j.id), ['plants']);
  assert.deepEqual((await call(client, 'cancel_schedule', { job_id: 'plants' })).structuredContent, { job_id: 'plants', cancelled: true });
  const again = await call(client, 'cancel_schedule', { job_id: 'plants' });
  assert.ok(again.isError);
  assert.match(again.content[0].text, /list_schedules/);
  await client.close();
});

test('Leaves an item in the inbox, once for a key', async () => {
  const client = await connect();
  const first = (await call(client, 'post_inbox', { text: 'read this', priority: 'later', dedup_key: 'k' })).structuredContent;
  const second = (await call(client, 'post_inbox', { text: 'read this too', priority: 'later', dedup_key: 'k' })).structuredContent;
  assert.deepEqual([first.deduplicated, second.deduplicated, second.item_id], [false, true, first.item_id]);
  await client.close();
});

test('Runs a workflow with progress, and shows its recipe', async () => {
  const put = await agent.fetch('/api/workflows/greet', {
    method: 'PUT', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/yaml' },
    body: 'name: greet\ndescription: Greets.\ninputs:\n  who: { type: string }\nsteps:\n  - id: say\n    prompt: "say hello to {{inputs.who}}"\noutput: "{{steps.say.output}}"\n',
  });
  assert.equal(put.status, 201, await put.text());
  const client = await connect();
  const heard = [];
  const run = (await call(client, 'run_workflow', { name: 'greet', inputs: { who: 'Ada' } }, { onprogress: p => heard.push(p.message) })).structuredContent;
  assert.equal(run.status, 'done', JSON.stringify(run));
  assert.match(run.output, /Ada/);
  assert.ok(heard.some(m => m.includes('say')), heard.join('|'));
  assert.equal((await call(client, 'run_workflow', { run_id: run.run_id })).structuredContent.output, run.output);
  assert.match((await client.readResource({ uri: 'workflow://greet' })).contents[0].text, /name: greet/);
  assert.deepEqual((await client.complete({ ref: { type: 'ref/resource', uri: 'workflow://{name}' }, argument: { name: 'name', value: 'gr' } })).completion.values, ['greet']);
  await client.close();
});

test('Lists conversations, documents and knowledge page by page', async () => {
  const client = await connect();
  await call(client, 'chat', { message: 'secret plans', incognito: true, session_id: 'hidden' });
  const all = [];
  let cursor;
  do {
    const page = await client.listResources({ cursor });
    all.push(...page.resources.map(r => r.uri));
    cursor = page.nextCursor;
  } while (cursor);
  assert.ok(all.some(u => u.startsWith('thread://')) && all.some(u => u.startsWith('knowledge://chunk/')), all.join(' '));
  assert.ok(!all.some(u => u.includes('hidden')));
  await assert.rejects(client.readResource({ uri: 'thread://incognito%3Ahidden' }), /-32002|no resource/);
  await assert.rejects(client.listResources({ cursor: 'bogus!' }), error => error.code === -32602);
  assert.equal((await client.listResourceTemplates()).resourceTemplates.length, 4);
  await client.close();
});

test('Tells a subscriber that a conversation has more in it', async () => {
  const client = await connect();
  const updated = [];
  let changes = 0;
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, n => { updated.push(n.params.uri); });
  client.setNotificationHandler(ResourceListChangedNotificationSchema, () => { changes++; });
  const uri = 'thread://watched';
  await client.subscribeResource({ uri });
  await call(client, 'chat', { message: 'hello', session_id: 'watched' });
  await until(() => updated.includes(uri) && changes > 0, 'resources/updated and list_changed');
  await client.unsubscribeResource({ uri });
  updated.length = 0;
  await call(client, 'chat', { message: 'hello', session_id: 'watched' });
  await client.subscribeResource({ uri: 'thread://other' });
  await call(client, 'chat', { message: 'hello', session_id: 'other' });
  await until(() => updated.includes('thread://other'));
  assert.deepEqual(updated, ['thread://other']);
  await assert.rejects(client.subscribeResource({ uri: 'file:///etc/passwd' }));
  await client.close();
});

test('Offers skills as prompts, and says when they change', async () => {
  const client = await connect();
  let changed = 0;
  client.setNotificationHandler(PromptListChangedNotificationSchema, () => { changed++; });
  const put = await agent.fetch('/api/skills/brew-tea', {
    method: 'PUT', headers: { authorization: `Bearer ${token}`, 'content-type': 'text/markdown' },
    body: '---\nname: brew-tea\ndescription: How tea is made.\nslash: tea\n---\nWarm the pot first.\n',
  });
  assert.ok(put.ok, await put.text());
  await until(() => changed > 0, 'prompts/list_changed');
  const { prompts } = await client.listPrompts();
  const prompt = prompts.find(p => p.description === 'How tea is made.');
  const got = await client.getPrompt({ name: prompt.name, arguments: { task: 'For two, please.' } });
  assert.equal(got.messages[0].content.text, 'Warm the pot first.\n\nFor two, please.');
  await assert.rejects(client.getPrompt({ name: 'no-such' }), error => error.code === -32602);
  await client.close();
});

test('Logs what happens from the level that was asked for, without arguments or secrets', async () => {
  const client = await connect();
  const heard = [];
  client.setNotificationHandler(LoggingMessageNotificationSchema, n => { heard.push(n.params); });
  await client.setLoggingLevel('info');
  await call(client, 'chat', { message: 'what time is it', session_id: 'logged' });
  await until(() => heard.some(l => l.logger.startsWith('turn.') && l.data.session_id === 'logged' && l.data.tool === 'current_time'), 'a message of the call');
  assert.ok(!JSON.stringify(heard).includes(token) && !JSON.stringify(heard).includes('sk-of'));
  assert.ok(heard.every(l => l.level !== 'debug'));
  await client.close();
});

test('Tool errors say what is wrong; what is no call is a protocol error', async () => {
  const client = await connect();
  for (const [name, args, words] of [
    ['chat', { message: ' ' }, /blank/], ['chat', {}, /message/], ['chat', { message: 'x', model: 'none' }, /none/], ['chat', { message: 'x', mesage: 'y' }, /mesage/],
    ['schedule_task', { prompt: 'x', when: 'whenever' }, /whenever/], ['search_knowledge', { query: 'x', k: 0 }, /1 to 100/], ['post_inbox', { text: '' }, /1 to/],
    ['post_inbox', { text: 'x', priority: 'soon' }, /priority/], ['run_workflow', {}, /name/], ['run_workflow', { name: 'none' }, /none/], ['run_workflow', { run_id: 'none' }, /none/],
  ]) {
    const answer = await call(client, name, args);
    assert.ok(answer.isError, `${name} ${JSON.stringify(args)}`);
    assert.match(answer.content[0].text, words);
    assert.ok(!/Exception|   at /.test(answer.content[0].text), answer.content[0].text);
  }
  await assert.rejects(call(client, 'no_such_tool'), error => error.code === -32602);
  await client.close();
});

test('Only the instance\'s own token opens it', async () => {
  for (const secret of ['wrong', 'for-peers-alone']) await assert.rejects(connect({ secret }));
  const refused = await agent.fetch('/mcp', { method: 'POST', body: '{}' });
  assert.equal(refused.status, 401);
  assert.equal((await refused.json()).error.data.code, 'unauthorized');
});

test('Two instances never mix: what one knows and says, the other does not', async () => {
  const other = await sandbox.serve({ instance: 'other', env: { ...model.env, A2A_AUTH_TOKEN: 'another' } });
  const [here, there] = [await connect(), await connect({ of: other, secret: 'another' })];
  await call(here, 'add_knowledge', { content: 'The harbour master is called Brunhild.' });
  assert.equal((await call(there, 'search_knowledge', { query: 'harbour master' })).structuredContent.hits.length, 0);
  assert.equal((await call(here, 'search_knowledge', { query: 'harbour master' })).structuredContent.hits.length, 1);
  const session = here.transport.sessionId;
  const foreign = await other.post('/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/list' }, {
    authorization: 'Bearer another', accept: 'application/json, text/event-stream', 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25',
  });
  assert.equal(foreign.status, 404);
  await here.close();
  await there.close();
});

test('After kill -9 of the instance its sessions are gone, its conversations are not', async () => {
  const env = { ...model.env, A2A_AUTH_TOKEN: token };
  const before = await sandbox.serve({ instance: 'mortal', env });
  const client = await connect({ of: before });
  const { session_id } = (await call(client, 'chat', { message: 'remember this' })).structuredContent;
  await before.kill();
  const back = await sandbox.serve({ instance: 'mortal', port: before.port, env });
  await assert.rejects(client.listTools(), error => error.code === 404);
  await client.close();
  const again = await connect({ of: back });
  assert.match((await again.readResource({ uri: `thread://${session_id}` })).contents[0].text, /remember this/);
  await again.close();
});

test('A session ends with DELETE, and is not found afterwards', async () => {
  const client = await connect();
  const session = client.transport.sessionId;
  await client.transport.terminateSession();
  const gone = await agent.post('/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/list' }, {
    authorization: `Bearer ${token}`, accept: 'application/json, text/event-stream', 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25',
  });
  assert.equal(gone.status, 404);
  await client.close();
});

/** Sends a request of the revision that has no sessions, and says what it must. */
function withoutSession(capabilities = {}) {
  const version = '2026-07-28';
  const meta = { 'io.modelcontextprotocol/protocolVersion': version, 'io.modelcontextprotocol/clientInfo': { name: 'tests', version: '1' }, 'io.modelcontextprotocol/clientCapabilities': capabilities };
  return (method, params, more = {}, signal = null) => agent.fetch('/mcp', {
    method: 'POST', signal, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } }),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, accept: 'application/json, text/event-stream', 'mcp-protocol-version': version, 'mcp-method': method, ...more },
  });
}

test('The revision without sessions is served too, request by request', async () => {
  const send = withoutSession();
  const answer = await send('tools/call', { name: 'chat', arguments: { message: 'no session' } }, { 'mcp-name': 'chat' });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  assert.match(text, /You said: no session/);
  assert.equal(answer.headers.get('mcp-session-id'), null);
  assert.equal((await send('tools/call', { name: 'chat', arguments: { message: 'x' } }, { 'mcp-name': 'other' })).status, 400);
});

test('Without sessions too a client listens, and is told what it asked for and nothing else', async () => {
  const uri = 'thread://listened-to';
  const stop = new AbortController();
  const answer = await withoutSession()('subscriptions/listen', { notifications: { toolsListChanged: true, resourcesListChanged: true, resourceSubscriptions: [uri, 'none://of-ours'] } }, {}, stop.signal);
  assert.equal(answer.status, 200);
  const told = messages(answer.body);
  const next = async () => (await told.next()).value;
  const acknowledged = await next();
  assert.equal(acknowledged.method, 'notifications/subscriptions/acknowledged');
  assert.deepEqual(acknowledged.params.notifications, { resourcesListChanged: true, resourceSubscriptions: [uri] });
  await agent.post('/api/chat', { message: 'hello', session_id: 'another-one' }, { authorization: `Bearer ${token}` });
  assert.equal((await next()).method, 'notifications/resources/list_changed');
  await agent.post('/api/chat', { message: 'hello', session_id: 'listened-to' }, { authorization: `Bearer ${token}` });
  const [listed, updated] = [await next(), await next()];
  assert.equal(listed.method, 'notifications/resources/list_changed');
  assert.equal(updated.method, 'notifications/resources/updated');
  assert.equal(updated.params.uri, uri);
  for (const one of [acknowledged, listed, updated]) assert.equal(one.params._meta['io.modelcontextprotocol/subscriptionId'], 1);
  stop.abort();
});

/** The messages of a stream, one by one. */
async function* messages(body) {
  let text = '';
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
      const data = /^data: ?(.+)$/m.exec(text.slice(0, end));
      if (data) yield JSON.parse(data[1]);
    }
  }
}

test('Without sessions too the person at the client is asked, and the call made again with the answer', async () => {
  const send = withoutSession({ elicitation: {} });
  const result = async params => JSON.parse(/^data: ?(\{.*"result".*)$/m.exec(await (await send('tools/call', { name: 'chat', ...params }, { 'mcp-name': 'chat' })).text())[1]).result;
  const first = await result({ arguments: { message: 'ask me' } });
  const [[key, asked]] = Object.entries(first.inputRequests);
  assert.equal(asked.params.message, 'Which river?');
  const second = await result({ arguments: { message: 'ask me' }, requestState: first.requestState, inputResponses: { [key]: { action: 'accept', content: { answer: 'The Weser' } } } });
  assert.match(second.content[0].text, /The Weser/, JSON.stringify(second));
  const unable = await withoutSession()('tools/call', { name: 'chat', arguments: { message: 'ask me' } }, { 'mcp-name': 'chat' });
  assert.match(await unable.text(), /"status":"waiting"/);
});
