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
    seen.push(await page.evaluate(() => [document.title, document.querySelector('link[rel=icon]').href, getComputedStyle(document.querySelector('.band')).backgroundImage]));
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
  const warning = page.getByRole('region', { name: 'Standing warnings' }).getByText('PROTOAGENT_INSTANCE').first();
  await warning.waitFor();
  await accessible(page);
  await page.goto(new URL('/#/settings/all', unscoped.url).href);
  await page.getByText('a2a.description').waitFor();
  await page.locator('main').evaluate(main => main.scrollTo(0, main.scrollHeight));
  assert.ok((await warning.boundingBox()).y > 0, 'it stays in sight');
  sound();
  await close();
  await box.close();
});

test('A tab nobody looks at holds no connection, and shows what happened once somebody does', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/inbox' });
  const look = hidden => page.evaluate(hidden => {
    for (const [name, value] of [['hidden', hidden], ['visibilityState', hidden ? 'hidden' : 'visible']]) Object.defineProperty(document, name, { configurable: true, get: () => value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
  await page.getByText('Connected').waitFor({ state: 'attached' });
  const left = page.waitForEvent('requestfailed', request => request.url().endsWith('/api/events'));
  await look(true);
  await left;
  await agent.post('/api/inbox', { text: 'while nobody looked', priority: 'later' });
  assert.equal(await page.getByText('while nobody looked').count(), 0);
  await look(false);
  await page.getByText('while nobody looked').waitFor();
  assert.equal(await page.getByText('Connection lost').count(), 0);
  sound();
  await close();
});

test('A press beside a dialog throws nothing away that was written in it', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/knowledge' });
  await page.getByRole('button', { name: 'Add a note' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await page.mouse.click(5, 5);
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Add a note' }).click();
  await dialog.getByRole('textbox').last().fill('written with care');
  await page.mouse.click(5, 5);
  assert.equal(await dialog.getByRole('textbox').last().inputValue(), 'written with care');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  sound();
  await close();
});

test('A view that is chosen is gone on in at its heading', async () => {
  const { page, sound, close } = await open(browser, agent);
  await page.getByRole('textbox', { name: 'Message' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'What to do' }).fill('telemetry');
  await page.keyboard.press('Enter');
  await page.locator('h1:focus', { hasText: 'Telemetry' }).waitFor();
  sound();
  await close();
});

test('A token is asked for, refused when wrong, kept by the tab alone', async () => {
  const locked = await sandbox.serve({ instance: 'locked', env: { ...model.env, A2A_AUTH_TOKEN: 'the-right-token' } });
  await fetch(new URL('/api/inbox', locked.url), { method: 'POST', headers: { authorization: 'Bearer the-right-token', 'content-type': 'application/json' }, body: JSON.stringify({ text: 'for your eyes', priority: 'later' }) });
  const { page, context, sound, close } = await open(browser, locked, { path: '/#/inbox' });
  const dialog = page.getByRole('dialog', { name: 'This instance wants a token' });
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await dialog.getByLabel('Token').fill('a-wrong-one');
  await dialog.getByRole('button', { name: 'Open' }).click();
  await dialog.getByText("The token is not this instance's.").waitFor();
  await dialog.getByLabel('Token').fill('the-right-token');
  await dialog.getByRole('button', { name: 'Open' }).click();
  await page.getByText('locked', { exact: true }).waitFor();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('for your eyes').waitFor();
  await page.getByRole('alert').waitFor({ state: 'detached' });
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
