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

test('A job is written with its times explained, run, paused, changed and deleted', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/schedule' });
  await page.getByText('No job yet').waitFor();
  await accessible(page);
  await page.getByRole('link', { name: 'New job' }).click();
  await page.getByLabel('Prompt').fill('Count the sheep.');
  await page.getByLabel('Schedule', { exact: true }).fill('0 9 * * MON-FRI');
  await page.getByLabel('Name').fill('sheep');
  const meaning = page.getByRole('complementary', { name: 'What it means' });
  await until(async () => await meaning.getByRole('row').count() === 6, 'the next five fires');
  await accessible(page);
  await page.getByLabel('Schedule', { exact: true }).fill('61 9 * * *');
  await page.getByText(/61/).first().waitFor();
  await page.getByLabel('Schedule', { exact: true }).fill('0 9 * * MON-FRI');
  await page.getByRole('button', { name: 'Put it on the schedule' }).click();
  await page.getByRole('heading', { name: 'sheep', level: 1 }).waitFor();
  await page.getByText('It was never due yet').waitFor();
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.getByRole('table', { name: /Due times/ }).getByText('done').waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  assert.equal((await agent.get('/api/scheduler/jobs/sheep')).job.state, 'paused');
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByLabel('Prompt').fill('Count the goats.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Count the goats.').waitFor();
  await page.getByRole('link', { name: 'All jobs' }).click();
  await page.getByRole('link', { name: 'sheep' }).first().waitFor();
  await accessible(page);
  await page.goto(new URL('/#/schedule/sheep', agent.url).href);
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('No job yet').waitFor();
  sound();
  await close();
});

test('A job that somebody else changed meanwhile is not overwritten: both are shown, and a person decides', async () => {
  const path = '/api/scheduler/jobs/lambs';
  const change = prompt => agent.fetch(path, { method: 'PUT', body: JSON.stringify({ prompt, schedule: '0 9 1 1 *' }), headers: { 'content-type': 'application/json' } });
  const prompt = async () => (await agent.get(path)).job.prompt;
  await agent.post('/api/scheduler/jobs', { prompt: 'Count the lambs.', schedule: '0 9 1 1 *', job_id: 'lambs' });
  const { page, sound, close } = await open(browser, agent, { path: '/#/schedule/lambs/edit' });
  const field = page.getByLabel('Prompt');
  const both = page.getByRole('alert', { name: 'Changed meanwhile' });
  await field.fill('Count the lambs twice.');
  await change('Count the ewes.');
  await page.getByRole('button', { name: 'Save' }).click();
  await both.getByRole('row', { name: /Count the lambs twice\. Count the ewes\./ }).waitFor();
  assert.ok(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled());
  assert.equal(await prompt(), 'Count the ewes.');
  await accessible(page);
  await both.getByRole('button', { name: 'Take what is there' }).click();
  await both.waitFor({ state: 'detached' });
  assert.equal(await field.inputValue(), 'Count the ewes.');
  await field.fill('Count the rams.');
  await change('Count the calves.');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await both.getByRole('button', { name: 'Save mine over it' }).click();
  await page.getByRole('heading', { name: 'lambs', level: 1, exact: true }).waitFor();
  assert.equal(await prompt(), 'Count the rams.');
  await agent.fetch(path, { method: 'DELETE' });
  sound();
  await close();
});

test('The second process on one schedule says who holds it, and takes over when that one is killed', async () => {
  const first = await sandbox.serve({ instance: 'bob', env: model.env });
  await first.post('/api/scheduler/jobs', { prompt: 'hello', schedule: '0 9 1 1 *', job_id: 'yearly' });
  const second = await sandbox.serve({ instance: 'bob', env: model.env });
  const { page, sound, close } = await open(browser, second, { path: '/#/schedule', colorScheme: 'dark' });
  const owner = page.getByRole('region', { name: 'Who holds the schedule' });
  await owner.getByText(`pid ${first.pid} on`).waitFor();
  assert.match(await owner.getByRole('link').getAttribute('href'), new RegExp(`:${first.port}/`));
  assert.ok(await page.getByRole('button', { name: 'New job' }).isDisabled());
  await accessible(page);
  await page.getByRole('link', { name: 'yearly' }).first().click();
  assert.ok(await page.getByRole('button', { name: 'Run now' }).isDisabled());
  await first.kill();
  await owner.waitFor({ state: 'detached' });
  await until(() => page.getByRole('button', { name: 'Run now' }).isEnabled(), 'the schedule to be ours');
  sound();
  await close();
});

test('The schedule fits a phone', async () => {
  await agent.post('/api/scheduler/jobs', { prompt: 'hello', schedule: 'every 1h', job_id: 'hourly' });
  const { page, sound, close } = await open(browser, agent, { path: '/#/schedule', viewport: { width: 390, height: 800 } });
  await page.getByRole('link', { name: 'hourly' }).first().waitFor();
  await accessible(page);
  const hours = await page.locator('.axis text').evaluateAll(all => all.map(t => t.getBoundingClientRect()).filter(b => b.width > 0).map(b => [b.left, b.right]).sort((a, b) => a[0] - b[0]));
  assert.ok(hours.length >= 3 && hours.every(([left], i) => i === 0 || left > hours[i - 1][1]), `no hour is written over another: ${JSON.stringify(hours)}`);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  sound();
  await close();
});
