import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { lastUser, Sandbox, signal, startModel, until } from '../clients/harness.mjs';
import { accessible, open, startBrowser } from './browser.mjs';

let sandbox, model, browser, agent, gate;
before(async () => {
  sandbox = new Sandbox();
  model = await startModel(request => {
    const said = lastUser(request);
    const result = request.messages.at(-1).role === 'tool' ? request.messages.at(-1).content : null;
    if (said.includes('slowly')) return (async function* () { yield 'It **begins**'; await gate; yield ' and ends.'; })();
    if (said.includes('calculate')) return result ? `It is ${result}.` : { calls: [{ name: 'calculator', arguments: { expression: '6*7' } }] };
    if (said.includes('ask me')) return result ? `You said ${result}.` : { calls: [{ name: 'ask_human', arguments: { question: 'Which colour?' } }] };
    if (said.includes('fail')) return { status: 400, error: 'No such thing.' };
    return `You said: ${said}`;
  });
  browser = await startBrowser();
  agent = await sandbox.serve({ instance: 'alice', env: model.env });
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

test('A message is answered, in Markdown, and is in the list and after a reload', async () => {
  const { page, sound, close } = await open(browser, agent);
  await page.getByRole('textbox', { name: 'Message' }).waitFor();
  await accessible(page);
  await say(page, 'the **first** words <img src=x onerror=alert(1)>');
  const answer = page.getByRole('article', { name: 'Agent' });
  await answer.locator('strong', { hasText: 'first' }).waitFor();
  assert.equal(await page.locator('.chat-said img').count(), 0);
  await page.getByRole('navigation', { name: 'Conversations' }).getByRole('link', { name: /first/ }).waitFor();
  await page.getByRole('button', { name: 'Fork from here' }).waitFor();
  await accessible(page);
  await page.reload();
  await answer.locator('strong', { hasText: 'first' }).waitFor();
  sound();
  await close();
});

test('Words come as they are said; a tool is a card; a turn is stopped', async () => {
  gate = signal();
  const { page, sound, close } = await open(browser, agent, { colorScheme: 'dark' });
  await say(page, 'tell me slowly');
  await page.locator('.chat-agent strong', { hasText: 'begins' }).waitFor();
  assert.equal(await page.getByText('and ends.').count(), 0);
  gate.done();
  await page.getByText('and ends.').waitFor();
  await say(page, 'calculate');
  await page.getByText('It is 42.').waitFor();
  await page.locator('summary', { hasText: 'calculator' }).click();
  await page.getByLabel('Result of calculator').getByText('42').waitFor();
  await accessible(page);
  gate = signal();
  await say(page, 'again slowly');
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('The turn was stopped.').waitFor();
  gate.done();
  sound();
  await close();
});

test('What the agent asks is answered in place', async () => {
  const { page, sound, close } = await open(browser, agent);
  await say(page, 'ask me');
  const asked = page.getByRole('form', { name: 'The agent asks' });
  await asked.getByText('Which colour?').waitFor();
  await accessible(page);
  await asked.getByRole('textbox').fill('green');
  await asked.getByRole('button', { name: 'Answer', exact: true }).click();
  await page.getByText(/You said .*green/).waitFor();
  assert.equal(await asked.count(), 0);
  sound();
  await close();
});

test('A conversation is forked, rewound and deleted', async () => {
  const { page, sound, close } = await open(browser, agent);
  await say(page, 'one of many');
  await page.getByText('You said: one of many').waitFor();
  await say(page, 'two of many');
  await page.getByText('You said: two of many').waitFor();
  const origin = page.url();
  await page.getByRole('button', { name: 'Fork from here' }).first().click();
  await page.waitForURL(url => url.href !== origin);
  await page.getByText('You said: two of many').waitFor({ state: 'detached' });
  await page.getByText('You said: one of many').waitFor();
  await page.goto(origin);
  await page.getByText('You said: two of many').waitFor();
  await page.getByRole('button', { name: 'Rewind to here' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Rewind' }).click();
  await page.getByText('You said: two of many').waitFor({ state: 'detached' });
  const id = decodeURIComponent(origin.split('/').at(-1));
  await until(async () => (await agent.get(`/api/chat/sessions/${encodeURIComponent(id)}`)).steps === 2, 'the rewind');
  await page.locator('.chat-list li', { has: page.locator('[aria-current=page]') }).getByRole('button').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await until(async () => (await agent.fetch(`/api/chat/sessions/${encodeURIComponent(id)}`)).status === 404, 'the deletion');
  sound();
  await close();
});

test('Commands are offered behind a slash, by keyboard alone', async () => {
  const { page, sound, close } = await open(browser, agent);
  const field = page.getByRole('textbox', { name: 'Message' });
  await field.pressSequentially('/com');
  await page.getByRole('option', { name: /compact/ }).waitFor();
  await accessible(page);
  await field.press('Enter');
  assert.equal(await field.inputValue(), '/compact ');
  sound();
  await close();
});

test('An instance killed under an open chat comes back, and the chat with it; a draft is kept', async () => {
  gate = signal();
  let own = await sandbox.serve({ instance: 'carol', env: model.env });
  const { page, close } = await open(browser, own);
  await say(page, 'tell me slowly');
  await page.locator('.chat-agent strong', { hasText: 'begins' }).waitFor();
  await page.getByRole('textbox', { name: 'Message' }).fill('not sent yet');
  await own.kill();
  gate.done();
  own = await sandbox.serve({ instance: 'carol', env: model.env, port: own.port });
  await page.getByText('and ends.').waitFor();
  assert.equal(await page.getByRole('textbox', { name: 'Message' }).inputValue(), 'not sent yet');
  await page.reload();
  await page.getByText('and ends.').waitFor();
  assert.equal(await page.getByRole('textbox', { name: 'Message' }).inputValue(), 'not sent yet');
  await close();
});

test('Below a warning, with long titles and on a phone, what is written and what a conversation offers stay in sight', async () => {
  const own = await sandbox.serve({ instance: 'warned', env: { ...model.env, PROTOAGENT_NO_SUCH_SETTING: 'x' } });
  for (const title of ['a conversation whose first words are many more than its line has room for', 'the other one']) await own.post('/api/chat', { message: title });
  for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 800 }]) {
    const { page, sound, close } = await open(browser, own, { viewport });
    await page.getByText('unknown_environment').waitFor();
    const list = page.getByRole('button', { name: 'Conversations' });
    const seen = async locator => {
      await locator.waitFor();
      const { x, y, width, height } = await locator.boundingBox();
      const it = await locator.evaluate((e, [x, y]) => e.contains(document.elementFromPoint(x, y)), [x + width / 2, y + height / 2]);
      assert.ok(it && x >= 0 && y >= 0 && x + width <= viewport.width && y + height <= viewport.height, `${locator} at ${JSON.stringify({ x, y, width, height })}`);
    };
    await seen(page.getByRole('button', { name: 'Send' }));
    if (viewport.width < 700) {
      assert.equal(await page.getByRole('searchbox').isVisible(), false);
      await list.click();
      assert.equal(await list.getAttribute('aria-expanded'), 'true');
    }

    await accessible(page);
    await seen(page.getByRole('button', { name: /Delete a conversation whose/ }));
    await page.getByRole('link', { name: /the other one/ }).click();
    await page.getByText('You said: the other one').waitFor();
    if (viewport.width < 700) await page.getByRole('searchbox').waitFor({ state: 'hidden' });
    await seen(page.getByRole('button', { name: 'Send' }));
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    sound();
    await close();
  }

  await own.stop();
});

test('An incognito chat is in no list, and a turn that failed says why', async () => {
  const { page, sound, close } = await open(browser, agent, { viewport: { width: 390, height: 800 } });
  await page.getByLabel(/Incognito/).check();
  await say(page, 'a secret thing');
  await page.getByText('You said: a secret thing').waitFor();
  assert.equal(await page.locator('.chat-list a', { hasText: 'secret' }).count(), 0);
  await page.getByRole('link', { name: 'New chat' }).click();
  await page.getByLabel(/Incognito/).waitFor();
  await say(page, 'please fail');
  await page.getByRole('alert').getByText(/model_refused/).waitFor();
  await accessible(page);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  sound();
  await close();
});
