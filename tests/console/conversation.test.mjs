// What a person does with a conversation besides talking: decides, steers, exports, chooses who answers; and what others do to it meanwhile.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { lastUser, Sandbox, signal, startModel, until } from '../clients/harness.mjs';
import { accessible, open, startBrowser } from './browser.mjs';

const Evil = '<img src=x onerror=alert(1)><script>alert(1)</script>\n\n[press](javascript:alert(1)) [data](data:text/html,x) [safe](https://example.org/)\n\n<a href="javascript:alert(1)">here</a><form action=/x><input name=a></form>';

let sandbox, model, browser, agent, gate, sent;
before(async () => {
  sandbox = new Sandbox();
  model = await startModel(request => {
    const said = lastUser(request);
    const result = request.messages.at(-1).role === 'tool' ? request.messages.at(-1).content : null;
    if (said.includes('delegate')) return result ? `It reports: ${result}` : { calls: [{ name: 'task', arguments: { agent: 'clerk', prompt: 'count it' } }] };
    if (/count|steps/.test(said)) return result ? `It is ${result}.` : { text: said.includes('steps') ? 'First I count.' : '', calls: [{ name: 'calculator', arguments: { expression: '6*7' } }] };
    if (said.includes('evil')) return result ? Evil : { calls: [{ name: 'note', arguments: {} }, { name: 'calculator', arguments: { expression: Evil } }] };
    if (said.includes('slowly')) return (async function* () { yield 'It begins'; sent?.done(); await gate; yield ' and ends.'; })();
    if (said.includes('code')) return 'Like this:\n\n```js\nlet answer = 42;\n```\n\nand that is all.';
    return `${request.model} says: ${said}`;
  });
  browser = await startBrowser();
  agent = await sandbox.serve({
    instance: 'dora', env: {
      ...model.env, PROTOAGENT_MODEL__INPUT_PRICE: '1000', PROTOAGENT_MODEL__OUTPUT_PRICE: '1000', PROTOAGENT_MODELS__FAST__MODEL: 'quick',
      PROTOAGENT_TOOLS__REQUIRE_APPROVAL: 'calculator', PROTOAGENT_SUBAGENTS__CLERK__DESCRIPTION: 'Counts.', PROTOAGENT_SUBAGENTS__CLERK__PROMPT: 'You count.', PROTOAGENT_SUBAGENTS__CLERK__TOOLS: 'calculator',
    },
  });
});
after(async () => {
  await browser?.close();
  await sandbox?.close();
  await model?.close();
});

/** Once the turn before is over: words are shown before that, and what is said until then is said to that turn. */
const say = async (page, text) => {
  await page.getByRole('button', { name: 'Send', exact: true }).waitFor();
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.keyboard.press('Enter');
};
const asked = page => page.getByRole('form', { name: 'The agent wants to call a tool' });
const idOf = page => decodeURIComponent(new URL(page.url()).hash.split('/')[2]);

test('A call is approved, another denied with a reason', async () => {
  const { page, sound, close } = await open(browser, agent);
  await say(page, 'count');
  await asked(page).getByText('6*7').waitFor();
  await page.getByRole('navigation', { name: 'Views' }).getByLabel('1 waiting').waitFor();
  await accessible(page);
  await asked(page).getByRole('button', { name: 'Approve' }).click();
  await page.getByText('It is 42.').waitFor();
  await page.locator('.chat-composer textarea:focus').waitFor();
  await say(page, 'count again');
  await asked(page).getByLabel('A reason, if you like').fill('not today');
  await page.keyboard.press('Enter');
  await asked(page).getByRole('button', { name: 'Deny' }).click();
  await page.getByText(/It is .*not today/).waitFor();
  await page.locator('summary', { hasText: 'calculator' }).nth(1).getByText('denied').waitFor();
  // The model gave both calls one id; the first card still has its own result.
  await page.locator('summary', { hasText: 'calculator' }).first().click();
  await page.getByLabel('Result of calculator').first().getByText('42').waitFor();
  sound();
  await close();
});

test('What a subagent asks is decided where it was sent from', async () => {
  const { page, sound, close } = await open(browser, agent);
  await say(page, 'delegate');
  await asked(page).getByText('6*7').waitFor();
  await asked(page).getByRole('button', { name: 'Approve' }).click();
  await page.getByText(/It reports: .*42/).waitFor();
  sound();
  await close();
});

test('A conversation that waits for a person is found from any other', async () => {
  const { page, sound, close } = await open(browser, agent);
  await say(page, 'count');
  await asked(page).waitFor();
  const id = idOf(page);
  await page.getByRole('link', { name: 'New chat' }).click();
  const waits = page.getByRole('list', { name: 'Conversations that wait for you' }).getByRole('link');
  await waits.waitFor();
  await accessible(page);
  await waits.click();
  await asked(page).getByRole('button', { name: 'Deny' }).click();
  await waits.waitFor({ state: 'detached' });
  assert.equal(idOf(page), id);
  sound();
  await close();
});

test('An answer that comes late ends nothing of the conversation that is shown meanwhile', async () => {
  [gate, sent] = [signal(), signal()];
  await agent.post('/api/chat', { message: 'hello', session_id: 'first' });
  const slow = agent.post('/api/chat', { message: 'tell me slowly', session_id: 'second' });
  await sent;
  const { page, sound, close } = await open(browser, agent, { path: '/#/chat/first' });
  const [held, late] = [signal(), signal()];
  await page.route('**/api/chat', async route => {
    const answer = await route.fetch();
    held.done();
    await late;
    await route.fulfill({ response: answer });
  }, { times: 1 });
  await page.getByText('says: hello').waitFor();
  await say(page, 'hello again');
  await held;
  await page.goto(new URL('/#/chat/second', agent.url).href);
  await page.getByText('It begins').waitFor();
  const came = page.waitForResponse('**/api/chat');
  late.done();
  await (await came).finished();
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
  gate.done();
  await page.getByText('It begins and ends.').waitFor();
  await page.getByRole('button', { name: 'Send' }).waitFor();
  await slow;
  sound();
  await close();
});

test('An answer that comes late leads nowhere', async () => {
  const { page, sound, close } = await open(browser, agent);
  const [held, late] = [signal(), signal()];
  await page.route('**/api/chat', async route => {
    const answer = await route.fetch();
    held.done();
    await late;
    await route.fulfill({ response: answer });
  }, { times: 1 });
  await say(page, 'hello there');
  await held;
  await page.getByRole('link', { name: 'Schedule' }).click();
  await page.getByRole('heading', { name: 'Schedule', exact: true }).waitFor();
  const came = page.waitForResponse('**/api/chat');
  late.done();
  await (await came).finished();
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
  assert.match(page.url(), /#\/schedule$/);
  sound();
  await close();
});

test('What is said to a running turn is heard before its next step', async () => {
  [gate, sent] = [signal(), signal()];
  const { page, sound, close } = await open(browser, agent);
  await say(page, 'tell me slowly');
  await sent;
  await page.getByText('It begins').waitFor();
  await page.getByRole('button', { name: 'Say it' }).waitFor();
  await page.getByRole('textbox', { name: 'Message' }).fill('and in green');
  await page.keyboard.press('Enter');
  await page.getByText('The agent hears it before its next step').waitFor();
  gate.done();
  await page.getByRole('article', { name: 'Agent' }).getByText('says: and in green').waitFor();
  sound();
  await close();
});

test('What is typed while a message is on its way stays, and goes to its conversation', async () => {
  const { page, sound, close } = await open(browser, agent);
  const held = signal();
  await page.route('**/api/chat', async route => { await held; await route.continue(); });
  await say(page, 'the first message');
  await page.getByRole('textbox', { name: 'Message' }).fill('typed meanwhile');
  held.done();
  await page.getByText('scripted says: the first message').waitFor();
  assert.equal(await page.getByRole('textbox', { name: 'Message' }).inputValue(), 'typed meanwhile');
  await page.getByRole('link', { name: 'New chat' }).click();
  await page.getByText('What is it about?').waitFor();
  assert.equal(await page.getByRole('textbox', { name: 'Message' }).inputValue(), '');
  sound();
  await close();
});

test('A message is given back when the conversation went on unseen', async () => {
  const { page, close } = await open(browser, agent);
  await say(page, 'before all');
  await page.getByText('says: before all').waitFor();
  await page.route('**/api/events*', route => route.abort());
  await page.route(/api\/chat\/sessions\/[^/]+\/messages|\/turns\//, route => route.abort());
  await agent.post('/api/chat', { message: 'from elsewhere', session_id: idOf(page) });
  // This page may have heard of it in time; one that has not says what it knows.
  await page.route('**/api/chat', route => route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), head: 2 }) }));
  await say(page, 'mine after it');
  await page.getByRole('status').getByText(/went on|another|step/i).first().waitFor();
  assert.equal(await page.getByRole('textbox', { name: 'Message' }).inputValue(), 'mine after it');
  await page.unrouteAll();
  await page.getByText('says: from elsewhere').waitFor();
  await page.getByRole('textbox', { name: 'Message' }).press('Enter');
  await page.getByText('says: mine after it').waitFor();
  await close();
});

test('A turn begun elsewhere appears, word by word', async () => {
  const { page, sound, close } = await open(browser, agent);
  await say(page, 'hello');
  await page.getByText('says: hello').waitFor();
  [gate, sent] = [signal(), signal()];
  await agent.post('/api/chat', { message: 'tell the other slowly', session_id: idOf(page), detach: true });
  await page.getByText('tell the other slowly').waitFor();
  await page.getByText('It begins').waitFor();
  gate.done();
  await page.getByText('It begins and ends.').waitFor();
  sound();
  await close();
});

test('What came while the connection was lost is marked', async () => {
  let own = await sandbox.serve({ instance: 'emil', env: model.env });
  [gate, sent] = [signal(), signal()];
  const { page, close } = await open(browser, own);
  await say(page, 'tell me slowly');
  await page.getByText('It begins').waitFor();
  const id = idOf(page);
  await page.route('**/api/chat/**', route => route.abort());
  await own.kill();
  gate.done();
  own = await sandbox.serve({ instance: 'emil', env: model.env, port: own.port });
  await until(async () => (await own.get(`/api/chat/sessions/${encodeURIComponent(id)}/messages`)).items.some(s => s.text === 'It begins and ends.'), 'the answer');
  await page.unrouteAll();
  await page.getByText('What follows came while the connection was lost.').waitFor();
  await page.getByText('It begins and ends.').waitFor();
  assert.equal(await page.getByText('tell me slowly').locator('visible=true').count() > 0, true);
  await close();
});

test('Nothing an answer or a tool says is anything but words', async () => {
  const { page, sound, close } = await open(browser, agent);
  await say(page, 'evil');
  await asked(page).getByText('javascript:alert').waitFor();
  assert.equal(await page.locator('.chat-said :is(img, script, form.x, a[href^="javascript"])').count(), 0);
  await asked(page).getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('article', { name: 'Agent' }).getByRole('link', { name: 'safe' }).waitFor();
  for (const card of await page.locator('.chat-call summary').all()) await card.click();
  await page.getByLabel('Arguments of calculator').getByText('<img src=x onerror=alert(1)>').waitFor();
  await page.getByLabel('Result of calculator').waitFor();
  assert.deepEqual(await page.locator('.chat-said :is(img, script, form, input, iframe, style)').count(), 0);
  assert.deepEqual(await page.locator('.chat-said a').evaluateAll(links => links.map(a => a.getAttribute('href')).filter(Boolean)), ['https://example.org/']);
  sound();
  await close();
});

test('Code is copied by itself, and a conversation is exported', async () => {
  const { page, context, sound, close } = await open(browser, agent);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await say(page, 'show code');
  await page.getByRole('button', { name: 'Fork from here' }).waitFor();
  const told = page.getByRole('button', { name: 'Copied' }).waitFor();
  await page.getByRole('button', { name: 'Copy code' }).click();
  await told;
  await until(async () => (await page.evaluate(() => navigator.clipboard.readText())).trim() === 'let answer = 42;', 'the code on the clipboard');
  await accessible(page);
  for (const [name, ending, holds] of [['Export Markdown', '.md', /let answer = 42;/], ['Export JSON', '.json', /"messages":/]]) {
    const coming = page.waitForEvent('download');
    await page.getByRole('button', { name }).click();
    const file = await coming;
    assert.ok(file.suggestedFilename().endsWith(ending));
    assert.match(readFileSync(await file.path(), 'utf8'), holds);
  }
  sound();
  await close();
});

test('Another model is asked, what an answer took is told, and an incognito conversation is marked', async () => {
  const { page, sound, close } = await open(browser, agent);
  await page.getByLabel('Model', { exact: true }).selectOption('fast');
  await page.getByLabel(/Incognito/).check();
  await say(page, 'who is it');
  await page.getByText('quick says: who is it').waitFor();
  await page.getByText('Its address is the only way back to it').waitFor();
  await say(page, 'and who is it still');
  await page.getByText('quick says: and who is it still').waitFor();
  await accessible(page);
  await page.getByRole('link', { name: 'New chat' }).click();
  await page.getByText('What is it about?').waitFor();
  await page.getByLabel('Model', { exact: true }).selectOption('');
  await say(page, 'and who now');
  await page.getByText('scripted says: and who now').waitFor();
  await page.getByText(/7 tokens in, 3 out · \$0\.01/).waitFor();
  assert.equal(await page.getByText('Its address is the only way back to it').count(), 0);
  sound();
  await close();
});
