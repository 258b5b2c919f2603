import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { ClientFactory, DefaultAgentCardResolver, JsonRpcTransportFactory, RestTransportFactory } from '@a2a-js/sdk/client';
import { Role, TaskState } from '@a2a-js/sdk';
import { lastUser, Sandbox, signal, startModel, until } from './harness.mjs';

const token = 'the-token-of-this-instance';
let sandbox, model, agent, gate;
before(async () => {
  sandbox = new Sandbox();
  model = await startModel(request => {
    const said = lastUser(request);
    const result = request.messages.at(-1).role === 'tool' ? request.messages.at(-1).content : null;
    if (said.includes('slowly')) return (async function* () { yield 'It begins'; await gate; yield ' and ends.'; })();
    if (said.includes('ask me')) return result ? `You said ${result}.` : { calls: [{ name: 'ask_human', arguments: { question: 'Which colour?' } }] };
    if (said.includes('attach')) return result ? 'It is attached.' : { calls: [{ name: 'attach_artifact', arguments: { name: 'numbers', data: { one: 1 } } }] };
    return `You said: ${said}`;
  });
  agent = await sandbox.serve({ instance: 'alice', env: { ...model.env, A2A_AUTH_TOKEN: token, PROTOAGENT_NETWORK__ALLOW_HOSTS: '127.0.0.1' } });
});
after(async () => {
  await sandbox?.close();
  await model?.close();
});

const authorized = (input, init = {}) => fetch(input, { ...init, headers: { ...Object.fromEntries(new Headers(init.headers)), authorization: `Bearer ${token}` } });
const connect = (transport, of = agent) => new ClientFactory({
  transports: [new transport({ fetchImpl: authorized })], cardResolver: new DefaultAgentCardResolver({ fetchImpl: authorized }),
}).createFromUrl(of.url);
const message = (text, more = {}) => ({
  tenant: '', metadata: undefined, configuration: undefined, ...more.request,
  message: { messageId: randomUUID(), role: Role.ROLE_USER, parts: [{ content: { $case: 'text', value: text }, mediaType: '', filename: '', metadata: undefined }], contextId: '', taskId: '', extensions: [], referenceTaskIds: [], metadata: undefined, ...more.message },
});
const texts = task => task.artifacts.flatMap(a => a.parts).map(p => p.content?.value).join('');
async function all(stream) {
  const updates = [];
  for await (const update of stream) updates.push(update.payload);
  return updates;
}

test('The card names both bindings, the token it wants and what the agent can do', async () => {
  const card = await (await fetch(new URL('/.well-known/agent-card.json', agent.url))).json();
  assert.ok(card.supportedInterfaces.some(i => i.protocolBinding === 'JSONRPC' && i.protocolVersion === '1.0'));
  assert.ok(card.supportedInterfaces.some(i => i.protocolBinding === 'HTTP+JSON'));
  assert.equal(card.capabilities.streaming, true);
  assert.equal(card.capabilities.pushNotifications, true);
  assert.ok(card.skills.length > 0);
  assert.ok(Object.keys(card.securitySchemes).length > 0);
});

for (const [binding, transport] of [['JSON-RPC', JsonRpcTransportFactory], ['HTTP+JSON', RestTransportFactory]]) {
  test(`Sends a message and has the answer, over ${binding}`, async () => {
    const client = await connect(transport);
    const task = await client.sendMessage(message('hello'));
    assert.equal(task.status.state, TaskState.TASK_STATE_COMPLETED);
    assert.equal(texts(task), 'You said: hello');
    assert.equal((await client.getTask({ id: task.id, tenant: '', historyLength: 10 })).history[0].parts[0].content.value, 'hello');
  });

  test(`Streams an answer in pieces, over ${binding}`, async () => {
    gate = signal();
    const client = await connect(transport);
    const updates = [];
    for await (const { payload } of client.sendMessageStream(message('slowly'))) {
      updates.push(payload);
      if (payload.$case === 'artifactUpdate') gate.done();
    }
    assert.equal(updates[0].$case, 'task');
    const pieces = updates.filter(u => u.$case === 'artifactUpdate').map(u => u.value);
    assert.ok(pieces.length >= 2);
    assert.equal(pieces.flatMap(p => p.artifact.parts).map(p => p.content?.value).join(''), 'It begins and ends.');
    assert.equal(pieces.at(-1).lastChunk, true);
    assert.equal(updates.at(-1).value.status.state, TaskState.TASK_STATE_COMPLETED);
  });

  test(`Is asked, and answers on the same task, over ${binding}`, async () => {
    const client = await connect(transport);
    const asked = await client.sendMessage(message('ask me'));
    assert.equal(asked.status.state, TaskState.TASK_STATE_INPUT_REQUIRED);
    assert.match(asked.status.message.parts.map(p => p.content.value).join(''), /Which colour/);
    const task = await client.sendMessage(message('blue', { message: { taskId: asked.id, contextId: asked.contextId } }));
    assert.equal(task.id, asked.id);
    assert.equal(task.status.state, TaskState.TASK_STATE_COMPLETED);
    assert.match(texts(task), /You said blue/);
  });

  test(`Cancels a task that runs, over ${binding}`, async () => {
    gate = signal();
    const client = await connect(transport);
    const begun = await client.sendMessage(message('slowly', { request: { configuration: { acceptedOutputModes: [], taskPushNotificationConfig: undefined, returnImmediately: true } } }));
    const cancelled = await client.cancelTask({ id: begun.id, tenant: '', metadata: undefined });
    assert.equal(cancelled.status.state, TaskState.TASK_STATE_CANCELED);
    gate.done();
    await assert.rejects(client.cancelTask({ id: begun.id, tenant: '', metadata: undefined }), e => /cancel/i.test(`${e.name} ${e.message}`));
  });

  test(`Lists tasks by context, a page at a time, over ${binding}`, async () => {
    const client = await connect(transport);
    const first = await client.sendMessage(message('one'));
    for (const text of ['two', 'three']) await client.sendMessage(message(text, { message: { contextId: first.contextId } }));
    const ask = more => client.listTasks({ tenant: '', contextId: first.contextId, status: TaskState.TASK_STATE_UNSPECIFIED, pageSize: 2, pageToken: '', historyLength: 0, statusTimestampAfter: undefined, includeArtifacts: false, ...more });
    const page = await ask({});
    assert.equal(page.tasks.length, 2);
    assert.equal(page.totalSize, 3);
    const rest = await ask({ pageToken: page.nextPageToken });
    assert.deepEqual([...page.tasks, ...rest.tasks].map(t => t.id).filter((id, i, ids) => ids.indexOf(id) === i).length, 3);
  });

  test(`What is not there is told so, over ${binding}`, async () => {
    const client = await connect(transport);
    await assert.rejects(client.getTask({ id: 'no-such-task', tenant: '', historyLength: undefined }), e => /not.?found/i.test(`${e.name} ${e.message}`));
  });
}

test('Takes up a stream that broke, with what came so far', async () => {
  gate = signal();
  const client = await connect(JsonRpcTransportFactory);
  let id;
  for await (const { payload } of client.sendMessageStream(message('slowly'))) {
    if (payload.$case === 'task') id = payload.value.id;
    if (payload.$case === 'artifactUpdate') break;
  }
  const rest = client.resubscribeTask({ id, tenant: '' });
  const first = (await rest.next()).value.payload;
  assert.equal(first.$case, 'task');
  assert.equal(texts(first.value), 'It begins');
  gate.done();
  const updates = await all(rest);
  assert.equal(updates.filter(u => u.$case === 'artifactUpdate').flatMap(u => u.value.artifact.parts).map(p => p.content?.value).join(''), ' and ends.');
  assert.equal(updates.at(-1).value.status.state, TaskState.TASK_STATE_COMPLETED);
});

test('A task outlives kill -9 and is finished by the next start', async () => {
  gate = signal();
  const first = await sandbox.serve({ instance: 'phoenix', env: { ...model.env, A2A_AUTH_TOKEN: token } });
  const client = await connect(JsonRpcTransportFactory, first);
  const begun = await client.sendMessage(message('slowly', { request: { configuration: { acceptedOutputModes: [], taskPushNotificationConfig: undefined, returnImmediately: true } } }));
  await until(async () => (await client.getTask({ id: begun.id, tenant: '', historyLength: 0 })).status.state === TaskState.TASK_STATE_WORKING, 'the work');
  await first.kill();
  gate.done();
  const second = await sandbox.serve({ instance: 'phoenix', env: { ...model.env, A2A_AUTH_TOKEN: token } });
  const again = await connect(JsonRpcTransportFactory, second);
  const task = await until(async () => {
    const now = await again.getTask({ id: begun.id, tenant: '', historyLength: 0 });
    return now.status.state === TaskState.TASK_STATE_COMPLETED && now;
  }, 'the end');
  assert.equal(texts(task), 'It begins and ends.');
});

test('A tool puts a result beside the answer', async () => {
  const client = await connect(JsonRpcTransportFactory);
  const task = await client.sendMessage(message('attach it'));
  assert.equal(task.status.state, TaskState.TASK_STATE_COMPLETED);
  const attached = task.artifacts.find(a => a.name === 'numbers');
  assert.deepEqual(attached.parts[0].content, { $case: 'data', value: { one: 1 } });
  assert.equal(task.artifacts.flatMap(a => a.parts).find(p => p.content.$case === 'text').content.value, 'It is attached.');
});

test('A web hook is told of a task\'s end, with its token', async () => {
  const told = [];
  const hook = http.createServer(async (incoming, outgoing) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    told.push({ token: incoming.headers['x-a2a-notification-token'], body: JSON.parse(Buffer.concat(chunks).toString()) });
    outgoing.end();
  });
  await new Promise(done => hook.listen(0, '127.0.0.1', done));
  const client = await connect(JsonRpcTransportFactory);
  const task = await client.sendMessage(message('hello', { request: { configuration: { acceptedOutputModes: [], returnImmediately: false, historyLength: undefined, taskPushNotificationConfig: {
    tenant: '', id: 'mine', taskId: '', url: `http://127.0.0.1:${hook.address().port}/`, token: 'tell-me', authentication: undefined,
  } } } }));
  await until(() => told.some(t => JSON.stringify(t.body).includes('TASK_STATE_COMPLETED')), 'the notification');
  assert.ok(told.every(t => t.token === 'tell-me'));
  const { configs } = await client.listTaskPushNotificationConfig({ tenant: '', taskId: task.id, pageSize: 10, pageToken: '' });
  assert.deepEqual(configs.map(c => c.id), ['mine']);
  await client.deleteTaskPushNotificationConfig({ tenant: '', taskId: task.id, id: 'mine' });
  hook.closeAllConnections();
  hook.close();
});

test('The extended card is for who has the token', async () => {
  const client = await connect(JsonRpcTransportFactory);
  const card = await client.getAgentCard();
  assert.equal(card.capabilities.extendedAgentCard, true);
  assert.equal((await fetch(new URL('/a2a/v1/extendedAgentCard', agent.url))).status, 401);
});

test('A client of 0.3 is understood: send, stream, get', async () => {
  const rpc = async (method, params) => {
    const answer = await authorized(new URL('/a2a', agent.url), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
    return answer.headers.get('content-type').startsWith('text/event-stream') ? (await answer.text()).split('\n').filter(l => l.startsWith('data:')).map(l => JSON.parse(l.slice(5))) : answer.json();
  };
  const said = text => ({ message: { kind: 'message', messageId: randomUUID(), role: 'user', parts: [{ kind: 'text', text }] } });
  const { result } = await rpc('message/send', said('hello'));
  assert.equal(result.kind, 'task');
  assert.equal(result.status.state, 'completed');
  assert.equal(result.artifacts[0].parts[0].kind, 'text');
  assert.equal((await rpc('tasks/get', { id: result.id })).result.id, result.id);
  const stream = await rpc('message/stream', said('hello again'));
  assert.equal(stream.at(-1).result.kind, 'status-update');
  assert.equal(stream.at(-1).result.final, true);
});

test('Without the token a task is not to be had', async () => {
  const plain = new ClientFactory({ transports: [new JsonRpcTransportFactory()], cardResolver: new DefaultAgentCardResolver() });
  const client = await plain.createFromUrl(agent.url);
  await assert.rejects(client.sendMessage(message('hello')), /401|token|nauthorized/i);
});
