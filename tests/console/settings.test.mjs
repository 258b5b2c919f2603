import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Sandbox, signal, startModel, until } from '../clients/harness.mjs';
import { accessible, open, startBrowser } from './browser.mjs';

const Key = 'sk-of-the-scripted-model';
let sandbox, model, browser;
before(async () => {
  sandbox = new Sandbox();
  model = await startModel((request, call) => call.headers.authorization === `Bearer ${Key}` ? 'ready' : { status: 401, error: 'no such key' });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await sandbox?.close();
  await model?.close();
});

const port = () => new URL(model.env.PROTOAGENT_MODEL_BASE_URL).port;
const offline = instance => sandbox.serve({ instance, env: { PROTOAGENT_MODEL__DETECT_PORTS: `${port()},1` } });

test('From the offline model to a real one: found on this machine, tried, saved, in use without a restart', async () => {
  const agent = await offline('first');
  const { page, sound, close } = await open(browser, agent);
  await page.getByRole('link', { name: 'connect a real one', exact: true }).click();
  await page.getByRole('button', { name: /OpenAI-compatible endpoint .*1 model/ }).click();
  await accessible(page);
  assert.equal(await page.getByLabel('Model', { exact: true }).inputValue(), 'scripted');
  await page.getByLabel(/^Key/).fill('sk-a-wrong-key-entirely');
  await page.getByRole('button', { name: 'Try it' }).click();
  await page.getByRole('alert').getByText(/refuses the key \(401\)/).waitFor();
  await accessible(page);
  await page.getByLabel(/^Key/).fill(Key);
  await page.getByRole('button', { name: 'Try it' }).click();
  await page.getByText('It answers').waitFor();
  await page.getByRole('button', { name: 'Save and use it' }).click();
  await page.getByText('Saved, and in effect.').waitFor();
  await page.getByRole('banner').getByText('scripted', { exact: true }).waitFor();
  assert.equal((await (await agent.post('/api/chat', { message: 'hello' })).json()).reply, 'ready');
  sound();
  await close();

  // The next start goes by it too.
  await agent.stop();
  const again = await sandbox.serve({ instance: 'first' });
  assert.equal((await again.get('/api/runtime/status')).model.name, 'scripted');
  assert.equal((await (await again.post('/api/chat', { message: 'hello' })).json()).reply, 'ready');

  // The key lies in secrets.yaml, for this user alone, and nowhere else; nothing said it. Looked at when nobody writes any more.
  assert.ok(!JSON.stringify(await again.get('/api/config/explain?limit=500')).includes(Key));
  await again.stop();
  const holding = [];
  for (const file of readdirSync(sandbox.home, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    if (file.isFile() && readFileSync(path).includes(Key)) holding.push([file.name, statSync(path).mode & 0o777]);
  }
  assert.deepEqual(holding, [['secrets.yaml', 0o600]]);
  assert.ok(!agent.log.includes(Key) && !again.log.includes(Key));
});

test('A setting shows where it comes from; a change says when it counts, and what it can\'t be is refused', async () => {
  const agent = await sandbox.serve({ instance: 'second', env: { ...model.env } });
  const { page, sound, close } = await open(browser, agent, { path: '/#/settings/all', colorScheme: 'dark' });
  await page.getByLabel('Find a setting').fill('turns.max_rounds');
  await page.getByRole('button', { name: 'Change turns.max_rounds' }).click();
  await page.getByLabel('Value').fill('many');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText(/must be a whole number from 1 to 1000/).waitFor();
  await accessible(page);
  await page.getByLabel('Value').fill('7');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('It takes effect when the instance is started again').waitFor();
  await page.getByRole('region', { name: 'Standing warnings' }).getByText(/turns.max_rounds was changed/).waitFor();
  await page.getByLabel('Find a setting').fill('model.name');
  await page.getByRole('button', { name: 'Change model.name', exact: true }).click();
  await page.getByText(/decides it now, and goes on doing so/).waitFor();
  await page.getByLabel('Value').fill('other');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText(/PROTOAGENT_MODEL, which stands/).waitFor();
  await page.getByLabel('Find a setting').fill('');
  await page.getByText('set, not shown').first().waitFor();
  await accessible(page);
  sound();
  await close();
});

test('Another server does not get to see the key of the one before, and an answer to another draft says nothing', async () => {
  let answer = null;
  const other = await startModel(async () => { await answer; return 'from the other'; });
  const address = other.env.PROTOAGENT_MODEL_BASE_URL;
  const agent = await offline('moving');
  const put = values => agent.fetch('/api/config', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ values }) });
  assert.equal((await put({ 'model.base_url': model.env.PROTOAGENT_MODEL_BASE_URL, 'model.name': 'scripted', 'model.api_key': Key })).status, 200);
  assert.equal((await (await agent.post('/api/chat', { message: 'hello' })).json()).reply, 'ready');

  const { page, sound, close } = await open(browser, agent, { path: '/#/settings/model' });
  await page.getByText('configured', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Other', exact: true }).click();
  await page.getByLabel('Address').fill(address);
  await page.getByLabel('Model', { exact: true }).fill('scripted');

  // Asked of one address; by the time it answers, another one is written there.
  answer = signal();
  await page.getByRole('button', { name: 'Try it' }).click();
  await until(() => other.requests.some(r => r.path.endsWith('/chat/completions')), 'the trial');
  await page.getByLabel('Address').fill('http://127.0.0.1:9/v1');
  answer.done();
  await page.getByText('Asking it for one word…').waitFor({ state: 'detached' });
  assert.equal(await page.getByText('It answers').count(), 0);
  await page.getByRole('button', { name: 'Save without trying' }).waitFor();

  await page.getByLabel('Address').fill(address);
  await page.getByRole('button', { name: 'Save without trying' }).click();
  await page.getByText('model.api_key taken out: it was given for another server.').waitFor();
  await until(() => page.evaluate(() => document.activeElement?.tagName === 'H1'), 'the focus on the heading');
  assert.equal((await (await agent.post('/api/chat', { message: 'hello' })).json()).reply, 'from the other');
  assert.ok(!JSON.stringify(other.requests.map(r => r.headers)).includes(Key));
  assert.ok(!readFileSync(join(agent.root, 'secrets.yaml'), 'utf8').includes(Key));
  sound();
  await close();
  await other.close();
});

test('Settings fit a phone', async () => {
  const agent = await offline('third');
  for (const tab of ['model', 'all', 'instance', 'appearance']) {
    const { page, close } = await open(browser, agent, { path: `/#/settings/${tab}`, viewport: { width: 390, height: 800 } });
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    await until(async () => !(await page.getByRole('status').getByText('Loading').count()), 'the loading');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), tab);
    await accessible(page);
    await close();
  }
});
