import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema, LoggingMessageNotificationSchema, ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { lastUser, program, Sandbox, signal, startModel, until } from './harness.mjs';

const token = 'the-token-of-this-instance';
let sandbox, model, agent, gate;
before(async () => {
  sandbox = new Sandbox();
  model = await startModel(request => {
    const said = lastUser(request);
    if (said.includes('slowly')) return (async function* () { yield 'It begins'; await gate; yield ' and ends.'; })();
    if (said.includes('ask me')) return request.messages.at(-1).role === 'tool' ? `You said ${request.messages.at(-1).content}.` : { calls: [{ name: 'ask_human', arguments: { question: 'Which colour?' } }] };
    if (said.includes('what time')) return request.messages.at(-1).role === 'tool' ? 'It is late.' : { calls: [{ name: 'current_time', arguments: {} }] };
    return `You said: ${said}`;
  });
  agent = await sandbox.serve({ instance: 'alice', env: { ...model.env, A2A_AUTH_TOKEN: token } });
});
after(async () => {
  await sandbox?.close();
  await model?.close();
});

async function overHttp(capabilities = {}, prepare = () => undefined) {
  const client = new Client({ name: 'a-client', version: '1.0.0' }, { capabilities });
  prepare(client);
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', agent.url), { requestInit: { headers: { authorization: `Bearer ${token}` } } }));
  return client;
}

async function overPipe(of = sandbox, instance = 'alice') {
  const client = new Client({ name: 'a-desktop-client', version: '1.0.0' });
  await client.connect(new StdioClientTransport({
    command: program, args: ['mcp'], cwd: of.work, stderr: 'ignore', env: of.environment({ PROTOAGENT_INSTANCE: instance, A2A_AUTH_TOKEN: token }),
  }));
  return client;
}

for (const [how, connect] of [['over HTTP', overHttp], ['over stdio through protoagent mcp', overPipe]]) {
  test(`Lists the tools with their schemas, and calls one, ${how}`, async () => {
    const client = await connect();
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map(t => t.name).sort(), ['add_knowledge', 'cancel_schedule', 'chat', 'list_schedules', 'post_inbox', 'run_workflow', 'schedule_task', 'search_knowledge']);
    for (const tool of tools) {
      assert.equal(tool.inputSchema.type, 'object');
      assert.equal(tool.outputSchema.type, 'object');
    }

    const answer = await client.callTool({ name: 'chat', arguments: { message: 'hello', session_id: `s-${how.length}` } });
    assert.equal(answer.structuredContent.reply, 'You said: hello');
    assert.equal(answer.structuredContent.session_id, `s-${how.length}`);
    await client.close();
  });
}

test('Knowledge that is added is found, and can be read as a resource', async () => {
  const client = await overHttp();
  const added = await client.callTool({ name: 'add_knowledge', arguments: { content: 'The lighthouse is painted every seventh year.' } });
  assert.ok(!added.isError, JSON.stringify(added));
  const found = await client.callTool({ name: 'search_knowledge', arguments: { query: 'lighthouse painted' } });
  const [hit] = found.structuredContent.hits;
  assert.match(hit.content, /every seventh year/);
  const { contents } = await client.readResource({ uri: hit.uri });
  assert.match(contents[0].text, /every seventh year/);
  await client.close();
});

test('A job is scheduled, listed and cancelled', async () => {
  const client = await overHttp();
  const made = await client.callTool({ name: 'schedule_task', arguments: { prompt: 'water the plants', when: '0 9 * * *', job_id: 'plants' } });
  assert.ok(!made.isError, JSON.stringify(made));
  const { structuredContent } = await client.callTool({ name: 'list_schedules', arguments: {} });
  assert.match(JSON.stringify(structuredContent), /plants/);
  await client.callTool({ name: 'cancel_schedule', arguments: { job_id: 'plants' } });
  assert.doesNotMatch(JSON.stringify((await client.callTool({ name: 'list_schedules', arguments: {} })).structuredContent), /"plants"/);
  await client.close();
});

test('An inbox item is posted', async () => {
  const client = await overHttp();
  const posted = await client.callTool({ name: 'post_inbox', arguments: { text: 'The parcel came.', priority: 'later' } });
  assert.ok(!posted.isError, JSON.stringify(posted));
  const items = await (await agent.fetch('/api/inbox?priority_floor=later', { headers: { authorization: `Bearer ${token}` } })).json();
  assert.ok(items.items.some(i => i.text === 'The parcel came.'));
  await client.close();
});

test('Progress is told while a turn runs, and log messages from the level that was set', async () => {
  const logged = [];
  const client = await overHttp({}, c => c.setNotificationHandler(LoggingMessageNotificationSchema, n => { logged.push(n.params); }));
  await client.setLoggingLevel('info');
  const told = [];
  await client.callTool({ name: 'chat', arguments: { message: 'what time is it' } }, undefined, { onprogress: p => told.push(p) });
  assert.ok(told.some(p => /current_time/.test(p.message)), JSON.stringify(told));
  assert.deepEqual(told.map(p => p.progress), [...told.map(p => p.progress)].sort((a, b) => a - b));
  await until(() => logged.some(l => JSON.stringify(l.data).includes('current_time')), 'a log message of the tool');
  await client.close();
});

test('A call that is cancelled cancels the turn', async () => {
  gate = signal();
  const client = await overHttp();
  const abort = new AbortController();
  const call = client.callTool({ name: 'chat', arguments: { message: 'slowly', session_id: 'cancelled-one' } }, undefined, { signal: abort.signal, onprogress: () => abort.abort() });
  await assert.rejects(call);
  await until(async () => {
    const steps = await (await agent.fetch('/api/chat/sessions/cancelled-one/messages', { headers: { authorization: `Bearer ${token}` } })).json();
    return steps.items?.some(s => s.role === 'note' && s.code === 'cancelled');
  }, 'the cancelled turn');
  gate.done();
  await client.close();
});

test('A question is asked of the person at the client', async () => {
  const client = await overHttp({ elicitation: {} }, c => c.setRequestHandler(ElicitRequestSchema, request => {
    assert.match(request.params.message, /Which colour/);
    const [field] = Object.keys(request.params.requestedSchema.properties);
    return { action: 'accept', content: { [field]: 'blue' } };
  }));
  const answer = await client.callTool({ name: 'chat', arguments: { message: 'ask me' } });
  assert.match(answer.structuredContent.reply, /You said blue/);
  await client.close();
});

test('A client that can\'t ask is told what waits, and how to decide it', async () => {
  const client = await overHttp();
  const answer = await client.callTool({ name: 'chat', arguments: { message: 'ask me' } });
  assert.equal(answer.structuredContent.status, 'waiting');
  assert.match(answer.structuredContent.reply, /Which colour/);
  assert.match(answer.structuredContent.reply, /approvals/);
  await client.close();
});

test('Conversations are resources, with templates, and a subscription tells of what is said', async () => {
  const updated = [];
  const client = await overHttp({}, c => c.setNotificationHandler(ResourceUpdatedNotificationSchema, n => { updated.push(n.params.uri); }));
  await client.callTool({ name: 'chat', arguments: { message: 'remember the harbour', session_id: 'harbour' } });
  const { resourceTemplates } = await client.listResourceTemplates();
  assert.ok(resourceTemplates.some(t => t.uriTemplate.startsWith('thread://')));
  const { contents } = await client.readResource({ uri: 'thread://harbour' });
  assert.match(contents[0].text, /remember the harbour/);
  await client.subscribeResource({ uri: 'thread://harbour' });
  await client.callTool({ name: 'chat', arguments: { message: 'and the pier', session_id: 'harbour' } });
  await until(() => updated.includes('thread://harbour'), 'the notification');
  await client.unsubscribeResource({ uri: 'thread://harbour' });
  await client.close();
});

test('Skills are prompts, and templates are completed', async () => {
  const client = await overHttp();
  const { prompts } = await client.listPrompts();
  const research = prompts.find(p => p.name === 'research');
  assert.ok(research?.description, JSON.stringify(prompts));
  const prompt = await client.getPrompt({ name: 'research', arguments: {} });
  assert.equal(prompt.messages[0].role, 'user');
  const { resourceTemplates } = await client.listResourceTemplates();
  const workflow = resourceTemplates.find(t => t.uriTemplate.startsWith('workflow://'));
  const { completion } = await client.complete({ ref: { type: 'ref/resource', uri: workflow.uriTemplate }, argument: { name: 'name', value: 'deep' } });
  assert.deepEqual(completion.values, ['deep-research']);
  await client.close();
});

test('What can\'t be done is an answer that says so; what is no call is an error of the protocol', async () => {
  const client = await overHttp();
  const answer = await client.callTool({ name: 'schedule_task', arguments: { prompt: 'x', when: 'whenever' } });
  assert.equal(answer.isError, true);
  assert.match(answer.content[0].text, /whenever/);
  await assert.rejects(client.callTool({ name: 'no_such_tool', arguments: {} }), /no_such_tool/);
  await assert.rejects(client.readResource({ uri: 'thread://not-there' }), /not-there/);
  await client.close();
});

test('Without the token nothing is served', async () => {
  const client = new Client({ name: 'a-client', version: '1.0.0' });
  await assert.rejects(client.connect(new StreamableHTTPClientTransport(new URL('/mcp', agent.url))), /401|token|nauthorized/);
});

test('protoagent mcp goes on when the instance is started again', async () => {
  const other = new Sandbox();
  const first = await other.serve({ instance: 'phoenix', env: { ...model.env, A2A_AUTH_TOKEN: token } });
  const client = await overPipe(other, 'phoenix');
  assert.equal((await client.callTool({ name: 'chat', arguments: { message: 'one', session_id: 's' } })).structuredContent.reply, 'You said: one');
  await first.kill();
  await assert.rejects(client.callTool({ name: 'chat', arguments: { message: 'lost', session_id: 's' } }), /isn't running|does not answer/);
  await other.serve({ instance: 'phoenix', env: { ...model.env, A2A_AUTH_TOKEN: token } });
  assert.equal((await client.callTool({ name: 'chat', arguments: { message: 'two', session_id: 's' } })).structuredContent.reply, 'You said: two');
  await client.close();
  await other.close();
});

test('protoagent mcp says that no instance runs, and how to start one', async () => {
  const empty = new Sandbox();
  await assert.rejects(overPipe(empty, 'nobody'), /protoagent serve/);
  await empty.close();
});
