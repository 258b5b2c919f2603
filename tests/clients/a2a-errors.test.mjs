// Every error an A2A peer can be answered with, provoked over both bindings, with its code, status, reason and details.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { lastUser, Sandbox, startModel } from './harness.mjs';

let sandbox, model, agent, ended;
before(async () => {
  sandbox = new Sandbox();
  model = await startModel(request => `You said: ${lastUser(request)}`);
  agent = await sandbox.serve({ instance: 'alice', env: { ...model.env, PROTOAGENT_A2A__MAX_MESSAGE_BYTES: '1024' } });
  ended = (await rpc('SendMessage', { message: said('hello') })).result.task.id;
});
after(async () => {
  await sandbox?.close();
  await model?.close();
});

const said = (text, more = {}) => ({ messageId: randomUUID(), role: 'ROLE_USER', parts: [{ text }], ...more });
const post = (path, body, headers = {}, of = agent) => fetch(new URL(path, of.url), {
  method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body),
});
const rpc = async (method, params, headers, of) => (await post('/a2a', { jsonrpc: '2.0', id: 1, method, params }, headers, of)).json();
const info = details => details?.find(d => d['@type'] === 'type.googleapis.com/google.rpc.ErrorInfo');
const fields = details => details?.find(d => d['@type'] === 'type.googleapis.com/google.rpc.BadRequest')?.fieldViolations.map(v => v.field) ?? [];

/** What both bindings say of the same fault. */
async function both({ method, params, path, verb = 'POST', body = params, headers = {}, of = agent, code, status, name, reason }) {
  const { error } = await rpc(method, params, headers, of);
  assert.equal(error.code, code, JSON.stringify(error));
  assert.ok(error.message.length > 10);
  assert.equal(info(error.data)?.reason, reason);
  const answer = await fetch(new URL(`/a2a/v1${path}`, of.url), {
    method: verb, headers: { ...(verb === 'POST' && { 'content-type': 'application/a2a+json' }), ...headers }, ...(verb === 'POST' && { body: JSON.stringify(body) }),
  });
  const told = (await answer.json()).error;
  assert.equal(answer.status, status, JSON.stringify(told));
  assert.equal(told.code, status);
  assert.equal(told.status, name);
  assert.equal(info(told.details)?.reason, reason);
  if (reason) assert.equal(info(told.details).domain, 'a2a-protocol.org');
  return { error, told };
}

test('-32700: what is no JSON', async () => {
  const { error, id } = await (await post('/a2a', '{"jsonrpc":')).json();
  assert.equal(error.code, -32700);
  assert.equal(id, null);
  const answer = await post('/a2a/v1/message:send', '{');
  assert.equal(answer.status, 400);
  assert.equal((await answer.json()).error.status, 'INVALID_ARGUMENT');
});

test('-32600: what is no request', async () => {
  for (const body of ['{}', '[]', '1', '{"jsonrpc":"1.0","id":1,"method":"GetTask"}', '{"jsonrpc":"2.0","id":1}']) {
    const { error } = await (await post('/a2a', body)).json();
    assert.equal(error.code, -32600, body);
  }
});

test('-32601: a method there is not, and one of the other version', async () => {
  assert.equal((await rpc('Send', {})).error.code, -32601);
  assert.equal((await rpc('message/send', {}, { 'A2A-Version': '1.0' })).error.code, -32601);
  assert.equal((await rpc('SendMessage', {}, { 'A2A-Version': '0.3' })).error.code, -32601);
});

test('-32602: every field at fault is named', async () => {
  const { error, told } = await both({
    method: 'SendMessage', params: { message: { messageId: '', role: 'ROLE_USER', parts: [] } }, path: '/message:send', code: -32602, status: 400, name: 'INVALID_ARGUMENT',
  });
  for (const found of [fields(error.data), fields(told.details)]) {
    assert.ok(found.includes('message.messageId') && found.includes('message.parts'), JSON.stringify(found));
  }

  const list = await both({ method: 'ListTasks', params: { pageSize: 1000 }, path: '/tasks?pageSize=1000', verb: 'GET', code: -32602, status: 400, name: 'INVALID_ARGUMENT' });
  assert.deepEqual(fields(list.error.data), ['pageSize']);
});

test('-32001: a task there is not', async () => {
  const absent = { code: -32001, status: 404, name: 'NOT_FOUND', reason: 'TASK_NOT_FOUND' };
  const { error } = await both({ method: 'GetTask', params: { id: 'none' }, path: '/tasks/none', verb: 'GET', ...absent });
  assert.equal(info(error.data).metadata.taskId, 'none');
  await both({ method: 'CancelTask', params: { id: 'none' }, path: '/tasks/none:cancel', ...absent });
  await both({ method: 'SubscribeToTask', params: { id: 'none' }, path: '/tasks/none:subscribe', verb: 'GET', ...absent });
  await both({ method: 'SendMessage', params: { message: said('on', { taskId: 'none' }) }, path: '/message:send', ...absent });
  await both({
    method: 'CreateTaskPushNotificationConfig', params: { taskId: 'none', url: 'https://example.com/hook' }, path: '/tasks/none/pushNotificationConfigs', ...absent,
  });
  assert.equal((await rpc('tasks/get', { id: 'none' })).error.code, -32001);
});

test('-32002: a task that ended can\'t be cancelled', async () => {
  await both({ method: 'CancelTask', params: { id: ended }, path: `/tasks/${ended}:cancel`, code: -32002, status: 400, name: 'FAILED_PRECONDITION', reason: 'TASK_NOT_CANCELABLE' });
  assert.equal((await rpc('tasks/cancel', { id: ended })).error.code, -32002);
});

test('-32003: web hooks, where the operator wants none', async () => {
  const of = await sandbox.serve({ instance: 'silent', env: { ...model.env, PROTOAGENT_A2A__PUSH: 'false' } });
  const pushless = { of, code: -32003, status: 400, name: 'FAILED_PRECONDITION', reason: 'PUSH_NOTIFICATION_NOT_SUPPORTED' };
  assert.equal((await of.get('/.well-known/agent-card.json')).capabilities.pushNotifications, false);
  const { task } = (await rpc('SendMessage', { message: said('hello') }, {}, of)).result;
  const hook = { taskId: task.id, url: 'https://example.org/hook' };
  const at = `/tasks/${task.id}/pushNotificationConfigs`;
  await both({ ...pushless, method: 'CreateTaskPushNotificationConfig', params: hook, path: at });
  await both({ ...pushless, method: 'GetTaskPushNotificationConfig', params: { taskId: task.id, id: 'x' }, path: `${at}/x`, verb: 'GET' });
  await both({ ...pushless, method: 'ListTaskPushNotificationConfigs', params: { taskId: task.id }, path: at, verb: 'GET' });
  await both({ ...pushless, method: 'DeleteTaskPushNotificationConfig', params: { taskId: task.id, id: 'x' }, path: `${at}/x`, verb: 'DELETE' });
  await both({ ...pushless, method: 'SendMessage', params: { message: said('hello'), configuration: { taskPushNotificationConfig: { url: hook.url } } }, path: '/message:send' });
});

test('-32004: what can\'t be done with a task that ended, and a card there is not', async () => {
  const refused = { code: -32004, status: 400, name: 'FAILED_PRECONDITION', reason: 'UNSUPPORTED_OPERATION' };
  await both({ method: 'SendMessage', params: { message: said('more', { taskId: ended }) }, path: '/message:send', ...refused });
  await both({ method: 'SubscribeToTask', params: { id: ended }, path: `/tasks/${ended}:subscribe`, verb: 'GET', ...refused });
  await both({ method: 'GetExtendedAgentCard', params: {}, path: '/extendedAgentCard', verb: 'GET', ...refused });
});

test('-32005: a part that can\'t be read, and an answer that would not be taken', async () => {
  const refused = { path: '/message:send', code: -32005, status: 400, name: 'INVALID_ARGUMENT', reason: 'CONTENT_TYPE_NOT_SUPPORTED' };
  const { error } = await both({ method: 'SendMessage', params: { message: said('', { parts: [{ raw: 'AAAA', mediaType: 'audio/wav' }] }) }, ...refused });
  assert.equal(info(error.data).metadata.mediaType, 'audio/wav');
  await both({ method: 'SendMessage', params: { message: said('hello'), configuration: { acceptedOutputModes: ['image/png'] } }, ...refused });
});

test('-32009: a version that is not spoken, with those that are', async () => {
  const { error, told } = await both({
    method: 'GetTask', params: { id: ended }, path: `/tasks/${ended}`, verb: 'GET', headers: { 'A2A-Version': '7.1' },
    code: -32009, status: 400, name: 'FAILED_PRECONDITION', reason: 'VERSION_NOT_SUPPORTED',
  });
  assert.equal(info(error.data).metadata.requestedVersion, '7.1');
  assert.equal(info(error.data).metadata.supportedVersions, '1.0,0.3');
  assert.equal(info(told.details).metadata.supportedVersions, '1.0');
});

test('What the policy refuses is a task that is rejected, and says why', async () => {
  for (const [message, why] of [[said('x'.repeat(2000)), /a2a\.max_message_bytes/], [said('  '), /blank/]]) {
    const { result } = await rpc('SendMessage', { message });
    assert.equal(result.task.status.state, 'TASK_STATE_REJECTED');
    assert.match(result.task.status.message.parts[0].text, why);
    assert.equal((await rpc('GetTask', { id: result.task.id })).result.status.state, 'TASK_STATE_REJECTED');
  }
});

test('A wrong media type, a method and a path there are not', async () => {
  assert.equal((await post('/a2a', '{}', { 'content-type': 'text/plain' })).status, 415);
  assert.equal((await fetch(new URL('/a2a/v1/nothing', agent.url))).status, 404);
  assert.equal((await fetch(new URL('/a2a/v1/message:send', agent.url))).status, 405);
});
