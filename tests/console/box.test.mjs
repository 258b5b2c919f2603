// The box: who lives on it, what stands in the way of the one that is looked at, and the fleet it keeps running.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
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

test('Each instance is listed with what tells it apart, and leads to its own console', async () => {
  const bob = await sandbox.serve({ instance: 'bob', env: model.env });
  const { page, sound, close } = await open(browser, agent, { path: '/#/box' });
  const [{ version }] = await agent.get('/api/instances');
  await page.getByRole('row', { name: new RegExp(`alice.*this one.*${agent.port} ${agent.pid} ${version} up \\d+ s`) }).waitFor();
  await page.getByRole('row', { name: new RegExp(`bob.*${bob.port} ${bob.pid} `) }).waitFor();
  assert.equal(await page.getByRole('link', { name: String(bob.port) }).getAttribute('href'), bob.url.replace(/\/$/, ''));
  await page.getByText('checkpoints.db').waitFor();
  const own = page.getByRole('region', { name: 'This instance' });
  await own.getByText('held by this process').waitFor();
  await own.getByText('none').waitFor();
  await accessible(page);
  sound();
  await close();
  await bob.stop();
});

test('The second process on a schedule says who holds it, and each standing warning with its remedy', async () => {
  const first = await sandbox.serve({ instance: 'eve', env: model.env });
  const second = await sandbox.serve({ instance: 'eve', env: model.env });
  const { page, sound, close } = await open(browser, second, { path: '/#/box' });
  const own = page.getByRole('region', { name: 'This instance' });
  await own.getByText(new RegExp(`held by eve, pid ${first.pid} on \\S+`)).waitFor();
  assert.match(await own.getByRole('link', { name: `port ${first.port}` }).getAttribute('href'), new RegExp(`:${first.port}/`));
  const { warnings } = await second.get('/api/runtime/status');
  assert.ok(warnings.some(w => w.code === 'scheduler_waiting'));
  for (const { code, remedy } of warnings) await own.getByRole('listitem').filter({ hasText: `[${code}]` }).getByText(remedy).waitFor();
  await accessible(page);
  await first.kill();
  await own.getByText('held by this process').waitFor();
  sound();
  await close();
  await second.stop();
});

test('What stands in the way of another is seen here too, as it comes and goes, and its own console says what it means', async () => {
  const bob = await sandbox.serve({ instance: 'bob', env: { ...model.env, PROTOAGENT_NO_SUCH_SETTING: 'x' } });
  const twin = await sandbox.serve({ instance: 'bob', env: model.env });
  const { page, sound, close } = await open(browser, agent, { path: '/#/box' });
  const row = ({ pid }) => page.getByRole('row', { name: new RegExp(` ${pid} `) });
  const told = async one => (await row(one).getByRole('cell').nth(7).getByRole('link').allTextContents()).sort();
  await row(twin).getByRole('link', { name: 'scheduler_waiting' }).waitFor();
  assert.deepEqual(await told(bob), ['live_sibling', 'unknown_environment']);
  assert.deepEqual(await told(twin), ['live_sibling', 'scheduler_waiting']);
  await row(agent).getByText('none').waitFor();
  await accessible(page);
  const leads = await row(bob).getByRole('link', { name: 'unknown_environment' }).getAttribute('href');
  assert.equal(leads, new URL('/#/box', bob.url).href);

  await bob.kill();
  await row(bob).waitFor({ state: 'detached' });
  await row(twin).getByText('none').waitFor();
  sound();
  await close();
  await twin.stop();
});

test('Looked at from afar, the others are where the box is and not on the looker\'s own machine', async () => {
  const seen = await sandbox.serve({ instance: 'gina', env: { ...model.env, PROTOAGENT_SERVER__ALLOW_HOSTS: 'box.localhost' } });
  const url = `http://box.localhost:${seen.port}/`;
  const { page, sound, close } = await open(browser, { url }, { path: '/#/box' });
  assert.equal(await page.getByRole('link', { name: String(agent.port) }).getAttribute('href'), `http://box.localhost:${agent.port}`);
  sound();
  await close();
  await seen.stop();
});

test('An instance is added, stopped, started, and removed with its data where it was', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/box' });
  await page.getByText('This instance keeps no other running').waitFor();
  await page.getByLabel('Id of a new instance').fill('carol');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('table', { name: 'Instances this one supervises' }).getByText('running').waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Stop carol' }).click();
  await page.getByRole('button', { name: 'Start carol' }).click();
  await page.getByRole('button', { name: 'Stop carol' }).waitFor();
  await page.getByRole('button', { name: 'Remove carol' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('These folders stay:').waitFor();
  await dialog.getByText(join(sandbox.home, '.protoagent/carol'), { exact: true }).waitFor();
  await accessible(page);
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText(/carol is removed. Its data stays/).waitFor();
  assert.deepEqual((await agent.get('/api/fleet')).items, []);
  assert.ok(existsSync(join(sandbox.home, '.protoagent/carol/checkpoints.db')));
  sound();
  await close();
});

test('Removing one with its data names every folder before it is deleted, and no other is', async () => {
  await agent.post('/api/fleet', { name: 'dave' });
  const { page, sound, close } = await open(browser, agent, { path: '/#/box' });
  await page.getByRole('button', { name: 'Remove dave' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('These folders stay:').waitFor();
  await dialog.getByLabel(/Delete its data too/).check();
  await dialog.getByText(/These folders are deleted/).waitFor();
  const { data, log } = await agent.get('/api/fleet/dave');
  assert.deepEqual(await dialog.getByRole('listitem').allTextContents(), data);
  await dialog.getByText(log).waitFor();
  await accessible(page);
  await dialog.getByRole('button', { name: 'Remove and delete its data' }).click();
  await page.getByText(/dave is removed. Deleted:/).waitFor();
  for (const folder of data) assert.ok(!existsSync(folder), folder);
  assert.ok(existsSync(log));
  assert.ok(existsSync(agent.root));
  sound();
  await close();
});

test('A member that ended by itself and is started again soon stands out', async () => {
  const { page, sound, close, context } = await open(browser, agent, { path: '/#/chat' });
  const member = { name: 'frank', state: 'waiting', port: 7900, pid: null, url: null, wanted: true, restarts: 2, last_error: 'it ended by itself', log: '/nowhere/frank.log' };
  // It waits for a few seconds at most, too short to be looked at in peace.
  await context.route('**/api/fleet?*', route => route.fulfill({ json: { items: [member], next: null } }));
  await page.goto(new URL('/#/box', agent.url).href);
  const badge = page.getByRole('row', { name: /frank/ }).getByText('waiting');
  await badge.waitFor();
  assert.match(await badge.getAttribute('class'), /\bwarn\b/);
  await accessible(page);
  sound();
  await close();
});
