import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Sandbox, startModel } from '../clients/harness.mjs';
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

test('The header says which instance, agent, port, model and whose schedule', async () => {
  const { page, sound, close } = await open(browser, agent);
  await page.getByText('alice', { exact: true }).waitFor();
  const header = page.getByRole('banner');
  for (const text of ['protoagent', String(agent.port), 'scripted', 'running']) await header.getByText(text, { exact: true }).first().waitFor();
  assert.match(await page.title(), /^alice · protoagent$/);
  await accessible(page);
  sound();
  await close();
});

test('Two instances have two colours, titles and icons', async () => {
  const other = await sandbox.serve({ instance: 'bob', env: model.env });
  const one = await open(browser, agent);
  const two = await open(browser, other);
  const seen = [];
  for (const { page } of [one, two]) {
    await page.locator('[data-test=instance]', { hasText: /alice|bob/ }).waitFor();
    seen.push(await page.evaluate(() => [document.title, document.querySelector('link[rel=icon]').href, getComputedStyle(document.querySelector('.band')).backgroundColor]));
  }
  for (let i = 0; i < 3; i++) assert.notEqual(seen[0][i], seen[1][i]);
  await one.close();
  await two.close();
});

test('An unscoped instance says so, and its warning says what to do', async () => {
  const box = new Sandbox();
  const first = await box.serve({ env: model.env });
  await first.post('/api/chat', { message: 'hello' });
  await first.stop();
  const unscoped = await box.serve({ env: model.env });
  const { page, sound, close } = await open(browser, unscoped);
  await page.getByText('UNSCOPED', { exact: true }).waitFor();
  await page.getByRole('region', { name: 'Standing warnings' }).getByText('PROTOAGENT_INSTANCE').first().waitFor();
  await accessible(page);
  sound();
  await close();
  await box.close();
});

test('A token is asked for, refused when wrong, kept by the tab alone', async () => {
  const locked = await sandbox.serve({ instance: 'locked', env: { ...model.env, A2A_AUTH_TOKEN: 'the-right-token' } });
  const { page, context, sound, close } = await open(browser, locked);
  const dialog = page.getByRole('dialog', { name: 'This instance wants a token' });
  await dialog.getByLabel('Token').fill('a-wrong-one');
  await dialog.getByRole('button', { name: 'Open' }).click();
  await dialog.getByText("The token is not this instance's.").waitFor();
  await dialog.getByLabel('Token').fill('the-right-token');
  await dialog.getByRole('button', { name: 'Open' }).click();
  await page.getByText('locked', { exact: true }).waitFor();
  await dialog.waitFor({ state: 'detached' });
  assert.deepEqual(await context.cookies(), []);
  assert.ok(!JSON.stringify(await page.evaluate(() => ({ ...localStorage }))).includes('the-right-token'));
  await page.reload();
  await page.getByText('locked', { exact: true }).waitFor();
  sound();
  await close();
});

test('The palette finds a view from the keyboard', async () => {
  const { page, sound, close } = await open(browser, agent);
  await page.getByText('alice', { exact: true }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'What to do' }).fill('sched');
  await accessible(page);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Schedule', level: 1 }).waitFor();
  assert.match(page.url(), /#\/schedule$/);
  sound();
  await close();
});

test('A killed instance is missed, and its return is noticed', async () => {
  const short = await sandbox.serve({ instance: 'short', env: model.env });
  const { page, close } = await open(browser, short);
  await page.getByText('short', { exact: true }).waitFor();
  await page.getByText('Connected').waitFor({ state: 'attached' });
  await short.kill();
  await page.getByText('Connection lost, trying again').or(page.getByText('Connecting')).first().waitFor();
  await sandbox.serve({ instance: 'short', env: model.env, port: short.port });
  await page.getByText('Connected').waitFor({ state: 'attached' });
  await close();
});

test('The files are cached for ever, the page is not, and nothing may be framed or loaded from elsewhere', async () => {
  const page = await agent.fetch('/');
  assert.equal(page.headers.get('cache-control'), 'no-cache');
  assert.match(page.headers.get('content-security-policy'), /default-src 'none'; script-src 'self'.*frame-ancestors 'none'/);
  const script = /src="\.\/(assets\/[^"]+)"/.exec(await page.text())[1];
  const file = await agent.fetch(`/${script}`);
  assert.match(file.headers.get('cache-control'), /immutable/);
  assert.equal((await agent.fetch('/', { headers: { 'if-none-match': page.headers.get('etag') } })).status, 304);
  const plain = await agent.fetch('/', { headers: { 'accept-encoding': 'identity' } });
  assert.equal(plain.headers.get('content-encoding'), null);
  assert.match(await plain.text(), /<div id="app">/);
});
