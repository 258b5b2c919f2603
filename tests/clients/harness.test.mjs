import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Sandbox, signal, startModel } from './harness.mjs';

let sandbox, model, agent;
const gate = signal();
before(async () => {
  sandbox = new Sandbox();
  model = await startModel(async function answer(request) {
    if (!JSON.stringify(request.messages).includes('slowly')) return `heard ${request.messages.length}`;
    return (async function* () { yield 'one '; await gate; yield 'two'; })();
  });
  agent = await sandbox.serve({ instance: 'harness', env: model.env });
});
after(async () => {
  await sandbox?.close();
  await model?.close();
});

test('An instance answers from the scripted model', async () => {
  assert.equal((await agent.get('/healthz')).instance, 'harness');
  const answer = await (await agent.post('/api/chat', { message: 'hello' })).json();
  assert.match(answer.reply, /^heard \d+$/);
  assert.equal(answer.usage.input_tokens, 7);
  assert.equal(model.requests.at(-1).headers.authorization, 'Bearer sk-of-the-scripted-model');
});

test('An answer comes in the pieces the test says', async () => {
  const asked = agent.post('/api/chat', { message: 'slowly' });
  gate.done();
  assert.equal((await (await asked).json()).reply, 'one two');
});

test('A stopped instance ends with 0', async () => {
  const other = await sandbox.serve({ instance: 'other', env: model.env });
  assert.equal(await other.stop(), 0);
});
