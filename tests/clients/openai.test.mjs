// The package `openai`, as its users use it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { Sandbox, lastUser, signal, startModel, toolResults, until } from './harness.mjs';

const png = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const weather = { type: 'function', function: { name: 'get_weather', description: 'The weather of a town.', parameters: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] } } };

let sandbox, model, agent, client;
const gates = {};

async function answer(request) {
  const said = lastUser(request);
  const results = toolResults(request);
  const offered = (request.tools ?? []).map(t => t.function.name);
  if (said.startsWith('hold ')) return (async function* () { yield 'begun '; await gates[said]; yield 'done'; })();
  if (said.startsWith('refuse ')) return { status: Number(said.split(' ')[1]), error: 'as the test says' };
  if (request.response_format?.type === 'json_schema') return '{"town":"Bern","degrees":21}';
  if (request.response_format?.type === 'json_object') return '{"any":"thing"}';
  if (said.startsWith('both') && !results.length) {
    return { calls: [{ id: 'c_time', name: 'current_time', arguments: {} }, { id: 'c_weather', name: 'get_weather', arguments: { town: 'Bern' } }] };
  }

  if (said.includes('weather') && !results.length && offered.includes('get_weather')) {
    return { text: 'I look. ', calls: ['Bern', 'Chur'].slice(0, said.includes('two') ? 2 : 1).map((town, i) => ({ id: `call_${town}_${i}`, name: 'get_weather', arguments: { town } })) };
  }

  return results.length ? `It is ${results.join(' and ')}.` : `You said: ${said}`;
}

before(async () => {
  sandbox = new Sandbox();
  model = await startModel(answer);
  await start();
});
after(async () => {
  await sandbox?.close();
  await model?.close();
});

async function start() {
  agent = await sandbox.serve({ instance: 'openai', env: { ...model.env, PROTOAGENT_MODEL__RETRIES: '0', PROTOAGENT_KNOWLEDGE__EMBEDDINGS__MODEL: 'vectors' } });
  client = new OpenAI({ apiKey: 'none', baseURL: new URL('/v1', agent.url).href, maxRetries: 0 });
}

test('Chat completions: answers whole, with usage', async () => {
  const done = await client.chat.completions.create({ model: 'scripted', messages: [{ role: 'system', content: 'be brief' }, { role: 'user', content: 'hello' }] });
  assert.equal(done.object, 'chat.completion');
  assert.equal(done.choices[0].message.content, 'You said: hello');
  assert.equal(done.choices[0].finish_reason, 'stop');
  assert.equal(done.choices[0].message.refusal, null);
  assert.deepEqual(done.usage, { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 });
  assert.match(JSON.stringify(model.requests.at(-1).body.messages), /be brief/);
});

test('Chat completions: streams an answer in pieces, with usage', async () => {
  const stream = await client.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content: 'hello there' }], stream: true, stream_options: { include_usage: true } });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  assert.equal(chunks[0].choices[0].delta.role, 'assistant');
  assert.ok(chunks.filter(c => c.choices[0]?.delta.content).length > 1);
  assert.equal(chunks.map(c => c.choices[0]?.delta.content ?? '').join(''), 'You said: hello there');
  assert.equal(chunks.at(-2).choices[0].finish_reason, 'stop');
  assert.equal(chunks.at(-1).usage.total_tokens, 10);
});

test('Chat completions: without a session the history sent is the conversation', async () => {
  await client.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content: 'one' }, { role: 'assistant', content: 'two' }, { role: 'user', content: 'three' }] });
  assert.deepEqual(model.requests.at(-1).body.messages.filter(m => m.role !== 'system').map(m => m.content), ['one', 'two', 'three']);
});

test('Chat completions: a session goes on, and takes the last message as the new one', async () => {
  const session = { headers: { 'X-Session-Id': 'a-session' } };
  await client.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content: 'first' }] }, session);
  await client.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content: 'second' }] }, session);
  assert.deepEqual(model.requests.at(-1).body.messages.filter(m => m.role !== 'system').map(m => m.content), ['first', 'You said: first', 'second']);
});

test('Tools: a call of a tool of the caller ends the answer with tool_calls', async () => {
  const done = await client.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content: 'the weather?' }], tools: [weather] });
  const [choice] = done.choices;
  assert.equal(choice.finish_reason, 'tool_calls');
  assert.equal(choice.message.content, 'I look. ');
  assert.deepEqual(choice.message.tool_calls, [{ id: 'call_Bern_0', type: 'function', function: { name: 'get_weather', arguments: '{"town":"Bern"}' } }]);
  const offered = model.requests.at(-1).body.tools.map(t => t.function.name);
  assert.ok(offered.includes('get_weather') && offered.includes('current_time'), offered.join());
});

test('Tools: calls stream as pieces with index, id, name and arguments', async () => {
  const stream = await client.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content: 'two weather' }], tools: [weather], stream: true });
  const pieces = [];
  let finish;
  for await (const chunk of stream) {
    pieces.push(...chunk.choices[0].delta.tool_calls ?? []);
    finish = chunk.choices[0].finish_reason ?? finish;
  }

  assert.equal(finish, 'tool_calls');
  for (const index of [0, 1]) {
    const [head, ...rest] = pieces.filter(p => p.index === index);
    assert.deepEqual([head.id, head.type, head.function.name], [`call_${['Bern', 'Chur'][index]}_${index}`, 'function', 'get_weather']);
    assert.deepEqual(JSON.parse(head.function.arguments + rest.map(p => p.function.arguments).join('')), { town: ['Bern', 'Chur'][index] });
  }
});

test('Tools: results in the history are answered', async () => {
  const messages = [{ role: 'user', content: 'two weather' }];
  const asked = await client.chat.completions.create({ model: 'scripted', messages, tools: [weather] });
  messages.push(asked.choices[0].message);
  for (const call of asked.choices[0].message.tool_calls) messages.push({ role: 'tool', tool_call_id: call.id, content: JSON.parse(call.function.arguments).town + ' sunny' });
  const done = await client.chat.completions.create({ model: 'scripted', messages, tools: [weather] });
  assert.equal(done.choices[0].message.content, 'It is Bern sunny and Chur sunny.');
  assert.deepEqual(model.requests.at(-1).body.messages.filter(m => m.role !== 'system').map(m => m.role), ['user', 'assistant', 'tool', 'tool']);
});

test('Tools: with a session the calls are kept, over a kill of the instance, and wait for all their results', async () => {
  const session = { headers: { 'X-Session-Id': 'calls' } };
  const asked = await client.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content: 'two weather' }], tools: [weather] }, session);
  const [one, two] = asked.choices[0].message.tool_calls.map(c => c.id);
  await agent.kill();
  await start();
  await assert.rejects(
    client.chat.completions.create({ model: 'scripted', messages: [{ role: 'tool', tool_call_id: one, content: 'sunny' }], tools: [weather] }, session),
    error => error.status === 400 && error.param === 'messages' && error.message.includes(two) && !error.message.includes(one));
  await assert.rejects(
    client.chat.completions.create({ model: 'scripted', messages: [{ role: 'tool', tool_call_id: 'other', content: 'sunny' }], tools: [weather] }, session),
    error => error.status === 400 && error.message.includes('other'));
  const done = await client.chat.completions.create({
    model: 'scripted', messages: [{ role: 'tool', tool_call_id: two, content: 'rain' }, { role: 'tool', tool_call_id: one, content: 'sun' }], tools: [weather],
  }, session);
  assert.equal(done.choices[0].message.content, 'It is sun and rain.');
  await assert.rejects(
    client.chat.completions.create({ model: 'scripted', messages: [{ role: 'tool', tool_call_id: one, content: 'sunny' }], tools: [weather] }, session),
    error => error.status === 400 && error.message.includes(one));
});

test('Tools: a tool of the agent in the same answer is called before the caller is asked', async () => {
  const session = { headers: { 'X-Session-Id': 'both' } };
  const asked = await client.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content: 'both please' }], tools: [weather] }, session);
  assert.deepEqual(asked.choices[0].message.tool_calls.map(c => c.id), ['c_weather']);
  const done = await client.chat.completions.create({ model: 'scripted', messages: [{ role: 'tool', tool_call_id: 'c_weather', content: 'fog' }], tools: [weather] }, session);
  assert.match(done.choices[0].message.content, /^It is .*20\d\d.* and fog\.$/s);
});

test('Tools: runTools calls them and goes on until there is an answer', async () => {
  const called = [];
  const runner = client.chat.completions.runTools({
    model: 'scripted', messages: [{ role: 'user', content: 'two weather' }],
    tools: [{ type: 'function', function: { ...weather.function, parse: JSON.parse, function: ({ town }) => { called.push(town); return `${town} sunny`; } } }],
  });
  assert.equal(await runner.finalContent(), 'It is Bern sunny and Chur sunny.');
  assert.deepEqual(called, ['Bern', 'Chur']);
});

test('Tools: tool_choice required offers the tools of the caller alone', async () => {
  await client.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content: 'the weather?' }], tools: [weather], tool_choice: 'required', parallel_tool_calls: false });
  const { tools, tool_choice, parallel_tool_calls } = model.requests.at(-1).body;
  assert.deepEqual([tools.length, tool_choice, parallel_tool_calls], [1, 'required', false]);
});

test('Pictures: a data URL and an address reach the model, and a later message finds them', async () => {
  const session = { headers: { 'X-Session-Id': 'pictures' } };
  const content = [{ type: 'text', text: 'what is it?' }, { type: 'image_url', image_url: { url: png, detail: 'low' } }, { type: 'image_url', image_url: { url: 'https://example.org/a.png' } }];
  await client.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content }] }, session);
  await client.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content: 'and its colour?' }] }, session);
  const shown = model.requests.at(-1).body.messages.find(m => Array.isArray(m.content) && m.content.some(p => p.type === 'image_url')).content.filter(p => p.type === 'image_url');
  assert.deepEqual(shown.map(p => p.image_url.url), [png, 'https://example.org/a.png']);
  assert.equal(shown[0].image_url.detail, 'low');
  const listed = await (await agent.fetch('/api/chat/sessions/pictures/messages')).text();
  assert.ok(listed.includes('"media_type":"image/png"') && !listed.includes(png.split(',')[1]));
});

test('Formats: parse reads an answer held to a schema', async () => {
  const format = zodResponseFormat(z.object({ town: z.string(), degrees: z.number() }), 'report');
  const done = await client.chat.completions.parse({ model: 'scripted', messages: [{ role: 'user', content: 'as json' }], response_format: format });
  assert.deepEqual(done.choices[0].message.parsed, { town: 'Bern', degrees: 21 });
  assert.deepEqual(model.requests.at(-1).body.response_format, JSON.parse(JSON.stringify(format)));
  assert.ok(model.requests.at(-1).body.tools.every(t => !t.function.strict));
});

test('Formats: json_object is passed on', async () => {
  await client.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content: 'as json' }], response_format: { type: 'json_object' } });
  assert.deepEqual(model.requests.at(-1).body.response_format, { type: 'json_object' });
});

test('Settings: what the model knows is passed on', async () => {
  await client.chat.completions.create({
    model: 'scripted', messages: [{ role: 'user', content: 'x' }], seed: 7, frequency_penalty: 0.5, presence_penalty: -0.5, temperature: 0.25, top_p: 0.5, max_completion_tokens: 99, stop: ['END'], reasoning_effort: 'low',
  });
  const sent = model.requests.at(-1).body;
  assert.deepEqual(
    [sent.seed, sent.frequency_penalty, sent.presence_penalty, sent.temperature, sent.top_p, sent.max_completion_tokens ?? sent.max_tokens, sent.stop, sent.reasoning_effort],
    [7, 0.5, -0.5, 0.25, 0.5, 99, ['END'], 'low']);
});

for (const [field, body] of Object.entries({
  n: { n: 2 }, logprobs: { logprobs: true }, temperature: { temperature: 3 }, functions: { functions: [{ name: 'f' }] }, audio: { audio: { voice: 'x', format: 'mp3' } },
  tool_choice: { tool_choice: 'required' }, 'tools[0].type': { tools: [{ type: 'web_search' }] }, service_tier: { service_tier: 'flex' },
})) {
  test(`Errors: ${field} is refused by its name`, async () => {
    await assert.rejects(
      client.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content: 'x' }], ...body }),
      error => error instanceof OpenAI.BadRequestError && error.param === field && error.type === 'invalid_request_error');
  });
}

test('Errors: an unknown model and an unknown route are 404', async () => {
  await assert.rejects(client.chat.completions.create({ model: 'nope', messages: [{ role: 'user', content: 'x' }] }), error => error instanceof OpenAI.NotFoundError && error.code === 'model_not_found');
  await assert.rejects(client.files.list(), error => error instanceof OpenAI.NotFoundError && error.type === 'invalid_request_error');
});

test('Errors: a limit of the model is 429, asked again by the client, and told when it stays', async () => {
  const patient = client.withOptions({ maxRetries: 1 });
  const before = model.requests.length;
  await assert.rejects(patient.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content: 'refuse 429' }] }), error => error instanceof OpenAI.RateLimitError && error.code === 'model_rate_limited');
  assert.equal(model.requests.length - before, 2);
});

test('Errors: what would only fail again is not asked again', async () => {
  const patient = client.withOptions({ maxRetries: 3 });
  const before = model.requests.length;
  await assert.rejects(patient.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content: 'refuse 400' }] }), error => error.status === 502 && error.code === 'model_refused');
  assert.equal(model.requests.length - before, 1);
});

test('A client that hangs up cancels nothing', async () => {
  const hold = 'hold abort';
  gates[hold] = signal();
  const stream = await client.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content: hold }], stream: true }, { headers: { 'X-Session-Id': 'aborted' } });
  for await (const chunk of stream) {
    if (chunk.choices[0].delta.content) break;
  }

  stream.controller.abort();
  gates[hold].done();
  const said = await until(async () => (await agent.get('/api/chat/sessions/aborted/messages')).items.find(m => m.role === 'assistant'), 'the answer');
  assert.equal(said.text, 'begun done');
});

test('Models: the agent and its models are listed and found', async () => {
  const ids = [];
  for await (const one of client.models.list()) ids.push(one.id);
  assert.ok(ids.includes('protoagent') && ids.includes('scripted'), ids.join());
  assert.equal((await client.models.retrieve('scripted')).object, 'model');
});

test('Embeddings: one text and several, as numbers and as base64', async () => {
  const one = await client.embeddings.create({ model: 'vectors', input: 'a text' });
  assert.deepEqual(one.data[0].embedding, [6, 1, 1]);
  const several = await client.embeddings.create({ model: 'vectors', input: ['a', 'b c'], encoding_format: 'float' });
  assert.deepEqual(several.data.map(d => [d.index, ...d.embedding]), [[0, 1, 0, 1], [1, 3, 1, 1]]);
  assert.equal(several.usage.prompt_tokens, 3);
  await assert.rejects(client.embeddings.create({ model: 'vectors', input: [[1, 2]] }), error => error.status === 400 && error.param === 'input');
  await assert.rejects(client.embeddings.create({ model: 'scripted', input: 'x' }), error => error.status === 404);
});

test('Responses: answers whole, and is found again after a restart', async () => {
  const done = await client.responses.create({ model: 'scripted', input: 'hello', instructions: 'be brief', metadata: { a: 'b' } });
  assert.equal(done.output_text, 'You said: hello');
  assert.deepEqual([done.object, done.status, done.error, done.metadata, done.instructions, done.usage.total_tokens], ['response', 'completed', null, { a: 'b' }, 'be brief', 10]);
  assert.equal(await agent.stop(), 0);
  await start();
  const found = await client.responses.retrieve(done.id);
  assert.deepEqual([found.id, found.status, found.output_text, found.metadata], [done.id, 'completed', 'You said: hello', { a: 'b' }]);
  const items = await client.responses.inputItems.list(done.id);
  assert.deepEqual(items.data.map(i => [i.type, i.role, i.content[0].text]), [['message', 'user', 'hello']]);
});

test('Responses: streams its events in order, each numbered', async () => {
  const events = [];
  for await (const event of await client.responses.create({ model: 'scripted', input: 'hello there', stream: true })) events.push(event);
  assert.deepEqual(events.map(e => e.sequence_number), events.map((_, i) => i));
  const kinds = events.map(e => e.type).filter((kind, i, all) => kind !== all[i - 1]);
  assert.deepEqual(kinds, [
    'response.created', 'response.in_progress', 'response.output_item.added', 'response.content_part.added', 'response.output_text.delta', 'response.output_text.done',
    'response.content_part.done', 'response.output_item.done', 'response.completed',
  ]);
  assert.equal(events[0].response.status, 'in_progress');
  assert.equal(events.filter(e => e.type === 'response.output_text.delta').map(e => e.delta).join(''), 'You said: hello there');
  assert.deepEqual(events.at(-1).response.output, [events.at(-2).item]);
  assert.deepEqual((await client.responses.retrieve(events[0].response.id)).output, events.at(-1).response.output);
});

test('Responses: the stream helper of the client puts it together', async () => {
  const stream = client.responses.stream({ model: 'scripted', input: 'two weather', tools: [{ ...weather.function, type: 'function' }] });
  const done = await stream.finalResponse();
  assert.deepEqual(done.output.map(o => o.type), ['message', 'function_call', 'function_call']);
  assert.equal(done.output[1].arguments, '{"town":"Bern"}');
});

test('Responses: previous_response_id goes on, with what came of calls, over a restart', async () => {
  const tools = [{ ...weather.function, type: 'function' }];
  const asked = await client.responses.create({ model: 'scripted', input: 'the weather?', tools });
  const call = asked.output.find(o => o.type === 'function_call');
  assert.deepEqual([asked.status, call.name, call.arguments], ['completed', 'get_weather', '{"town":"Bern"}']);
  await agent.kill();
  await start();
  const done = await client.responses.create({ model: 'scripted', previous_response_id: asked.id, input: [{ type: 'function_call_output', call_id: call.call_id, output: 'snow' }], tools });
  assert.equal(done.output_text, 'It is snow.');
  assert.equal(done.previous_response_id, asked.id);
  await assert.rejects(
    client.responses.create({ model: 'scripted', previous_response_id: 'resp_00000000000000000000000000000000', input: 'x' }),
    error => error.status === 404 && error.code === 'previous_response_not_found');
});

test('Responses: going on from an earlier one makes a branch, and leaves the first as it was', async () => {
  const one = await client.responses.create({ model: 'scripted', input: 'one' });
  const two = await client.responses.create({ model: 'scripted', input: 'two', previous_response_id: one.id });
  await client.responses.create({ model: 'scripted', input: 'other', previous_response_id: one.id });
  assert.deepEqual(model.requests.at(-1).body.messages.filter(m => m.role !== 'system').map(m => m.content), ['one', 'You said: one', 'other']);
  await client.responses.create({ model: 'scripted', input: 'three', previous_response_id: two.id });
  assert.deepEqual(model.requests.at(-1).body.messages.filter(m => m.role === 'user').map(m => m.content), ['one', 'two', 'three']);
});

test('Responses: several at once going on from the same one each get their branch', async () => {
  const one = await client.responses.create({ model: 'scripted', input: 'one' });
  const patient = client.withOptions({ maxRetries: 5 });
  const said = await Promise.all(['a', 'b', 'c'].map(input => patient.responses.create({ model: 'scripted', input, previous_response_id: one.id })));
  assert.deepEqual(said.map(r => r.output_text), ['You said: a', 'You said: b', 'You said: c']);
  assert.equal(new Set(said.map(r => r.session_id)).size, 3);
});

test('Responses: without a previous one the items sent are the conversation', async () => {
  const done = await client.responses.create({
    model: 'scripted',
    input: [
      { role: 'developer', content: 'be brief' }, { role: 'user', content: [{ type: 'input_text', text: 'weather' }, { type: 'input_image', image_url: png, detail: 'auto' }] },
      { type: 'function_call', call_id: 'c1', name: 'get_weather', arguments: '{}' }, { type: 'function_call_output', call_id: 'c1', output: 'hail' },
    ],
  });
  assert.equal(done.output_text, 'It is hail.');
  const items = await client.responses.inputItems.list(done.id, { order: 'asc' });
  assert.deepEqual(items.data.map(i => i.type), ['message', 'function_call', 'function_call_output']);
  assert.equal(items.data[0].content[1].image_url, png);
});

test('Responses: parse reads an answer held to a schema', async () => {
  const done = await client.responses.parse({ model: 'scripted', input: 'as json', text: { format: zodTextFormat(z.object({ town: z.string(), degrees: z.number() }), 'report') } });
  assert.deepEqual(done.output_parsed, { town: 'Bern', degrees: 21 });
  assert.equal(done.text.format.name, 'report');
  assert.equal(model.requests.at(-1).body.response_format.json_schema.strict, true);
});

test('Responses: in the background it goes on over a kill of the instance', async () => {
  const hold = 'hold background';
  gates[hold] = signal();
  const left = await client.responses.create({ model: 'scripted', input: hold, background: true });
  assert.deepEqual([left.status, left.background, left.output_text], ['in_progress', true, '']);
  await agent.kill();
  await start();
  gates[hold].done();
  const done = await until(async () => {
    const found = await client.responses.retrieve(left.id);
    return found.status === 'completed' && found;
  }, 'the response');
  assert.equal(done.output_text, 'begun done');
});

test('Responses: one that runs is cancelled, and cancelling twice says the same', async () => {
  const hold = 'hold cancel';
  gates[hold] = signal();
  const left = await client.responses.create({ model: 'scripted', input: hold, background: true });
  assert.equal((await client.responses.cancel(left.id)).status, 'cancelled');
  assert.equal((await client.responses.cancel(left.id)).status, 'cancelled');
  gates[hold].done();
});

test('Responses: a failure of the model is an error whole, and an event in a stream', async () => {
  await assert.rejects(client.responses.create({ model: 'scripted', input: 'refuse 400' }), error => error.status === 502 && error.code === 'model_refused');
  const events = [];
  for await (const event of await client.responses.create({ model: 'scripted', input: 'refuse 400', stream: true })) events.push(event);
  assert.equal(events.at(-1).type, 'response.failed');
  assert.equal(events.at(-1).response.error.code, 'model_refused');
  assert.equal((await client.responses.retrieve(events.at(-1).response.id)).status, 'failed');
});

test('Responses: the last one is deleted, and is gone', async () => {
  const one = await client.responses.create({ model: 'scripted', input: 'one' });
  const two = await client.responses.create({ model: 'scripted', input: 'two', previous_response_id: one.id });
  await assert.rejects(client.responses.delete(one.id), error => error.status === 409 && error.code === 'response_not_last');
  await client.responses.delete(two.id);
  await assert.rejects(client.responses.retrieve(two.id), error => error.status === 404);
  assert.equal((await client.responses.retrieve(one.id)).status, 'completed');
  await client.responses.delete(one.id);
  await assert.rejects(client.responses.retrieve(one.id), error => error.status === 404);
});

test('Responses: what is not to be stored is not found', async () => {
  const done = await client.responses.create({ model: 'scripted', input: 'a secret', store: false });
  assert.deepEqual([done.output_text, done.store], ['You said: a secret', false]);
  await assert.rejects(client.responses.retrieve(done.id), error => error.status === 404);
  await assert.rejects(client.responses.create({ model: 'scripted', input: 'x', previous_response_id: done.id }), error => error.status === 404);
});
