// Inbox, activity, box, tools and telemetry, as a person uses them.
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

test('Inbox: an item is posted, dealt with and deleted', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/inbox' });
  await page.getByText('Nothing waits').waitFor();
  await accessible(page);
  const text = page.getByLabel('Leave something for the agent');
  await text.fill('look at the **tickets**');
  await page.getByLabel('How urgent').selectOption('later');
  await page.getByRole('button', { name: 'Post' }).click();
  const row = page.getByRole('row', { name: /tickets/ });
  await row.waitFor();
  const [item] = (await agent.get('/api/inbox?priority_floor=later')).items;
  assert.equal(item.priority, 'later');
  assert.equal(item.source, 'console');
  await accessible(page);
  await row.getByRole('button', { name: 'Dealt with' }).click();
  await page.getByText('Nothing waits').waitFor();
  await page.getByLabel('Also what was delivered').check();
  await page.getByRole('row', { name: /delivered/ }).waitFor();
  await agent.post('/api/inbox', { text: 'from elsewhere', priority: 'later' });
  const other = page.getByRole('row', { name: /from elsewhere/ });
  await other.getByRole('button', { name: /Delete/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await other.waitFor({ state: 'detached' });
  sound();
  await close();
});

test('Activity: what a job did appears as it happens, with its job and conversation', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/activity', colorScheme: 'dark' });
  await page.getByText('Nothing yet').waitFor();
  await accessible(page);
  const { job } = await (await agent.post('/api/scheduler/jobs', { prompt: 'count the sheep', schedule: '0 9 1 1 *' })).json();
  await agent.post(`/api/scheduler/jobs/${job.id}/run`, {});
  const line = page.getByRole('listitem').filter({ hasText: 'count the sheep' });
  await line.first().waitFor();
  await line.first().getByText('scheduler').first().waitFor();
  await accessible(page);
  await line.getByRole('link', { name: 'Its job' }).first().click();
  await page.getByRole('heading', { level: 1 }).filter({ hasNotText: 'Activity' }).waitFor();
  await page.getByText('count the sheep').first().waitFor();
  sound();
  await close();
});

test('Box: who lives here, and an instance is added, stopped, started and removed', async () => {
  const bob = await sandbox.serve({ instance: 'bob', env: model.env });
  const { page, sound, close } = await open(browser, agent, { path: '/#/box' });
  await page.getByRole('row', { name: /alice.*this one/ }).waitFor();
  assert.equal(await page.getByRole('link', { name: String(bob.port) }).getAttribute('href'), bob.url.replace(/\/$/, ''));
  await page.getByText('checkpoints.db').waitFor();
  await page.getByText('This instance keeps no other running').waitFor();
  await accessible(page);
  await page.getByLabel('Id of a new instance').fill('carol');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('table', { name: 'Instances this one supervises' }).getByText('running').waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Stop carol' }).click();
  await page.getByRole('button', { name: 'Start carol' }).click();
  await page.getByRole('button', { name: 'Stop carol' }).waitFor();
  await page.getByRole('button', { name: 'Remove carol' }).click();
  const dialog = page.getByRole('dialog');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText(/Its data stays/).first().waitFor();
  assert.deepEqual((await agent.get('/api/fleet')).items, []);
  sound();
  await close();
  await bob.stop();
});

test('Telemetry: what turns took, and the turns', async () => {
  const own = await sandbox.serve({ instance: 'dora', env: model.env });
  const { page, sound, close } = await open(browser, own, { path: '/#/telemetry', viewport: { width: 390, height: 800 } });
  await page.getByText('No turn yet').waitFor();
  await accessible(page);
  const { session_id } = await (await own.post('/api/chat', { message: 'hello' })).json();
  await page.getByRole('row', { name: /operator.*scripted/ }).waitFor();
  await page.getByRole('img', { name: /Tokens a day/ }).waitFor();
  const { total } = await own.get('/api/telemetry/summary');
  await page.getByText(`${total.input_tokens.toLocaleString('en-US')} in, ${total.output_tokens.toLocaleString('en-US')} out`).waitFor();
  await accessible(page);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await page.getByRole('link', { name: /conversation of the turn/ }).click();
  await page.getByText('You said: hello').waitFor();
  assert.ok(page.url().includes(session_id));
  await until(async () => (await own.get('/api/chat/sessions')).items.length === 1, 'the conversation');
  sound();
  await close();
});
