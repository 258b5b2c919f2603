import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Sandbox, startModel, until } from '../clients/harness.mjs';
import { accessible, open, startBrowser } from './browser.mjs';

let sandbox, model, browser, agent;
before(async () => {
  sandbox = new Sandbox();
  model = await startModel();
  browser = await startBrowser();
  agent = await sandbox.serve({ instance: 'alice', env: model.env });
});
after(async () => {
  await browser?.close();
  await sandbox?.close();
  await model?.close();
});

test('A fact is added, changed and forgotten; the model is told while it stands', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/memory' });
  await page.getByText('Nothing is always in mind').waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Add a fact' }).click();
  await page.getByRole('textbox', { name: 'Fact' }).fill('The operator is called Ada.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The operator is called Ada.').waitFor();
  await agent.post('/api/chat', { message: 'hello', session_id: 'one' });
  assert.match(JSON.stringify(model.requests.at(-1).body), /called Ada/);
  await page.getByRole('button', { name: /^Change: / }).click();
  await page.getByRole('textbox', { name: 'Fact' }).fill('The operator is called Grace.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The operator is called Grace.').waitFor();
  await accessible(page);
  await page.getByRole('button', { name: /^Forget: / }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
  await page.getByText('Nothing is always in mind').waitFor();
  await until(() => page.evaluate(() => document.activeElement?.tagName === 'H1'), 'the focus on the heading');
  sound();
  await close();
});

test('What is remembered of a conversation is read, traced to its turns, and forgotten', async () => {
  await agent.post('/api/memory/hot', { content: 'The harbour closes at nine.' });
  await agent.post('/api/chat', { message: 'When does the harbour close?', session_id: 'harbour' });
  const { page, sound, close } = await open(browser, agent, { path: '/#/memory/injections', colorScheme: 'dark' });
  await page.getByRole('link', { name: 'harbour' }).waitFor();
  await page.getByRole('link', { name: /^fact \d+/ }).first().waitFor();
  await accessible(page);
  await page.getByRole('link', { name: 'Conversations' }).click();
  await page.getByRole('link', { name: /harbour/i }).click();
  await page.getByText('When does the harbour close?').first().waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Forget' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
  await until(async () => !(await agent.get('/api/memory/sessions')).items.some(s => s.session_id === 'harbour'), 'the forgetting');
  sound();
  await close();
});

test('Facts are shown to the last, however many', async () => {
  const many = await sandbox.serve({ instance: 'many' });
  for (let i = 0; i < 55; i++) assert.ok((await many.post('/api/memory/hot', { content: `Fact number ${i} is about ${'abcdefgh'[i % 8]}${i * 37}.` })).ok);
  const { page, sound, close } = await open(browser, many, { path: '/#/memory' });
  await page.getByText('Fact number 0 is').waitFor();
  assert.equal(await page.getByRole('button', { name: /^Forget: / }).count(), 55);
  sound();
  await close();
});

test('Memory fits a phone', async () => {
  const { page, close } = await open(browser, agent, { path: '/#/memory', viewport: { width: 390, height: 800 } });
  await page.getByRole('heading', { name: 'Memory', level: 1 }).waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await close();
});
