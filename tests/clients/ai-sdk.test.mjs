// The packages `ai` and `@ai-sdk/openai-compatible`, as their users use them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { Output, embed, embedMany, generateObject, generateText, isStepCount, streamText, tool } from 'ai';
import { z } from 'zod';
import { Sandbox, lastUser, startModel, toolResults } from './harness.mjs';

// Some of what is called here is going out of use there, and still in use elsewhere.
globalThis.AI_SDK_LOG_WARNINGS = false;

let sandbox, model, agent, provider;
const called = [];
const tools = {
  get_weather: tool({
    description: 'The weather of a town.', inputSchema: z.object({ town: z.string() }),
    execute: async ({ town }) => { called.push(town); return `${town} sunny`; },
  }),
};

before(async () => {
  sandbox = new Sandbox();
  model = await startModel(request => {
    const results = toolResults(request);
    if (request.response_format || lastUser(request).includes('JSON')) return '{"town":"Bern","degrees":21}';
    if (results.length) return `It is ${results.join(' and ')}.`;
    if (lastUser(request).includes('weather')) return { calls: [{ id: 'call_1', name: 'get_weather', arguments: { town: 'Bern' } }, { id: 'call_2', name: 'get_weather', arguments: { town: 'Chur' } }] };
    return `You said: ${lastUser(request)}`;
  });
  agent = await sandbox.serve({ instance: 'ai-sdk', env: { ...model.env, PROTOAGENT_KNOWLEDGE__EMBEDDINGS__MODEL: 'vectors' } });
  provider = createOpenAICompatible({ name: 'protoagent', baseURL: new URL('/v1', agent.url).href, supportsStructuredOutputs: true, includeUsage: true });
});
after(async () => {
  await sandbox?.close();
  await model?.close();
});

test('generateText answers', async () => {
  const { text, finishReason, usage } = await generateText({ model: provider('scripted'), system: 'be brief', prompt: 'hello' });
  assert.deepEqual([text, finishReason, usage.inputTokens, usage.outputTokens], ['You said: hello', 'stop', 7, 3]);
});

test('generateText calls tools in several steps', async () => {
  called.length = 0;
  const { text, steps } = await generateText({ model: provider('scripted'), prompt: 'the weather?', tools, stopWhen: isStepCount(4) });
  assert.match(text, /^It is .*Bern sunny.* and .*Chur sunny.*\.$/);
  assert.deepEqual([steps.length, steps[0].finishReason, called.toSorted()], [2, 'tool-calls', ['Bern', 'Chur']]);
});

test('streamText streams the words', async () => {
  const pieces = [];
  const stream = streamText({ model: provider('scripted'), prompt: 'hello there' });
  for await (const piece of stream.textStream) pieces.push(piece);
  assert.ok(pieces.length > 1);
  assert.equal(pieces.join(''), 'You said: hello there');
  assert.equal((await stream.usage).totalTokens, 10);
});

test('streamText calls tools in several steps', async () => {
  called.length = 0;
  const stream = streamText({ model: provider('scripted'), prompt: 'the weather?', tools, stopWhen: isStepCount(4) });
  assert.match(await stream.text, /Bern sunny.*Chur sunny/);
  assert.deepEqual(called.toSorted(), ['Bern', 'Chur']);
});

test('generateObject reads an object held to its schema', async () => {
  const { object } = await generateObject({ model: provider('scripted'), schema: z.object({ town: z.string(), degrees: z.number() }), prompt: 'report' });
  assert.deepEqual(object, { town: 'Bern', degrees: 21 });
  assert.equal(model.requests.at(-1).body.response_format.type, 'json_schema');
});

test('generateText reads an object as its output, with tools at hand', async () => {
  const { output, steps } = await generateText({
    model: provider('scripted'), prompt: 'report', output: Output.object({ schema: z.object({ town: z.string(), degrees: z.number() }) }), tools, stopWhen: isStepCount(4),
  });
  assert.deepEqual([output, steps.length], [{ town: 'Bern', degrees: 21 }, 1]);
  assert.ok(model.requests.at(-1).body.tools.some(t => t.function.name === 'get_weather'));
});

test('A picture reaches the model', async () => {
  const image = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  await generateText({ model: provider('scripted'), messages: [{ role: 'user', content: [{ type: 'text', text: 'what is it?' }, { type: 'image', image }] }] });
  const shown = model.requests.at(-1).body.messages.at(-1).content.find(p => p.type === 'image_url');
  assert.equal(shown.image_url.url, `data:image/png;base64,${image.toString('base64')}`);
});

test('embed and embedMany make vectors', async () => {
  const one = await embed({ model: provider.embeddingModel('vectors'), value: 'a text' });
  assert.deepEqual(one.embedding, [6, 1, 1]);
  const many = await embedMany({ model: provider.embeddingModel('vectors'), values: ['a', 'b c'] });
  assert.deepEqual(many.embeddings, [[1, 0, 1], [3, 1, 1]]);
});

test('An error is told with its status and code', async () => {
  await assert.rejects(
    generateText({ model: provider('nope'), prompt: 'x', maxRetries: 0 }),
    error => error.statusCode === 404 && error.responseBody.includes('model_not_found'));
});
