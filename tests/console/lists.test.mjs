// Activity, tools and telemetry, as a person uses them; and what all lists have in common.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

const fits = page => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && document.querySelector('main').scrollWidth <= document.querySelector('main').clientWidth);

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

test('Activity: of one origin alone, with its inbox item; an origin that did nothing says so', async () => {
  const { job } = await (await agent.post('/api/scheduler/jobs', { prompt: 'count the goats', schedule: '0 9 1 1 *' })).json();
  await agent.post(`/api/scheduler/jobs/${job.id}/run`, {});
  const { item } = await (await agent.post('/api/inbox', { text: 'feed the cat', priority: 'now' })).json();
  const { page, sound, close } = await open(browser, agent, { path: '/#/activity' });
  const goats = page.getByRole('listitem').filter({ hasText: 'count the goats' });
  const cat = page.getByRole('listitem').filter({ hasText: 'feed the cat' });
  await goats.waitFor();
  await cat.waitFor();
  await page.getByLabel('What made it act').selectOption('inbox');
  await goats.waitFor({ state: 'detached' });
  await cat.getByText('inbox', { exact: true }).waitFor();
  await accessible(page);
  await page.getByLabel('What made it act').selectOption('a2a');
  await page.getByText('Nothing by other agents yet').waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Show everything' }).click();
  await goats.waitFor();
  await cat.getByRole('link', { name: 'Its conversation' }).waitFor();
  await cat.getByRole('link', { name: 'Its inbox item' }).click();
  await page.getByRole('heading', { name: 'Item of the inbox' }).waitFor();
  await page.getByText('feed the cat').first().waitFor();
  assert.ok(page.url().endsWith(`#/inbox/${item.id}`));
  sound();
  await close();
});

test('Telemetry: what turns took, and the turns', async () => {
  const own = await sandbox.serve({ instance: 'dora', env: model.env });
  const { page, sound, close } = await open(browser, own, { path: '/#/telemetry', viewport: { width: 390, height: 800 } });
  await page.getByText('No turn yet').waitFor();
  await accessible(page);
  const here = await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Telemetry' }).boundingBox();
  assert.ok(here.x >= 0 && here.x + here.width <= 390, `the menu shows where one is: ${JSON.stringify(here)}`);
  const { session_id } = await (await own.post('/api/chat', { message: 'hello' })).json();
  await page.getByRole('row', { name: /operator.*scripted/ }).waitFor();
  await page.getByRole('img', { name: /Tokens a day/ }).waitFor();
  const { total } = await own.get('/api/telemetry/summary');
  await page.getByText(`${total.input_tokens.toLocaleString('en-US')} in, ${total.output_tokens.toLocaleString('en-US')} out`).waitFor();
  await accessible(page);
  assert.ok(await fits(page));
  await page.getByRole('link', { name: /conversation of the turn/ }).click();
  await page.getByText('You said: hello').waitFor();
  assert.ok(page.url().includes(session_id));
  await until(async () => (await own.get('/api/chat/sessions')).items.length === 1, 'the conversation');
  sound();
  await close();
});

test('Telemetry: every day has its place, also one without a turn; tokens, cost or time, and the same as a table', async () => {
  const folder = join(sandbox.home, '.protoagent/ines');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.yaml'), 'model: {input_price: 100, output_price: 1000}\n');
  const own = await sandbox.serve({ instance: 'ines', env: model.env });
  await own.post('/api/chat', { message: 'hello' });
  const { since, days: [today] } = await own.get('/api/telemetry/summary?days=7');
  assert.ok(today.cost_usd > 0);
  const { page, sound, close } = await open(browser, own, { path: '/#/telemetry' });
  await page.getByLabel('Of the last').selectOption('7');
  const chart = kind => page.getByRole('img', { name: new RegExp(`^${kind} a day, ${since.slice(0, 10)} to ${today.name}: at most .*, on ${today.name}`) });
  await chart('Tokens').waitFor();
  // Seven days back, and today.
  assert.equal(await chart('Tokens').locator('rect').count(), 8);
  const labels = await chart('Tokens').locator('text').allTextContents();
  assert.equal(labels.at(-1), new Date(today.name).toLocaleDateString('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' }));
  assert.equal(labels.length, 4);
  await page.getByLabel('Chart').selectOption('Cost');
  await page.getByText(`Cost a day (UTC): at most $${today.cost_usd.toFixed(4)}, on ${today.name}`).waitFor();
  await page.getByLabel('Chart').selectOption('Time of a turn (p50)');
  await page.getByText(/^Time of a turn \(p50\) a day \(UTC\): at most \d+ m?s, on/).waitFor();
  await page.locator('summary', { hasText: 'The same as a table' }).click();
  const table = page.getByRole('table', { name: 'By day' });
  await table.getByRole('row', { name: `${since.slice(0, 10)} 0 0 0 0 0 – – –` }).waitFor();
  await table.getByRole('row', { name: new RegExp(`^${today.name} 1 0`) }).waitFor();
  assert.equal(await table.getByRole('row').count(), 9);
  await accessible(page);
  await page.getByLabel('Of the last').selectOption('90');
  await until(async () => await page.getByRole('img', { name: /a day/ }).locator('rect').count() === 91, 'a bar for each of them');
  sound();
  await close();
});

test('A browser whose clock is wrong shows the times of the instance', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/box' });
  const line = page.getByRole('row', { name: /alice.*this one/ });
  for (const [what, wrong] of [['behind', -3_600_000], ['ahead', 3_600_000]]) {
    await page.clock.install({ time: Date.now() + wrong });
    await page.reload();
    await line.waitFor();
    await until(async () => /up [1-9]\d* (s|min)\b/.test(await line.innerText()), `a time it is up by a clock that is ${what}`);
  }

  sound();
  await close();
});

/** Where each reads what it shows first, and what shows that it was read. */
const views = {
  inbox: { api: '**/api/inbox?*', shown: page => page.getByRole('row', { name: /a long word/ }) },
  box: { api: '**/api/instances?*', shown: page => page.getByRole('row', { name: /alice.*this one/ }) },
  activity: { api: '**/api/activity?*', shown: page => page.getByRole('listitem').filter({ hasText: 'count the hens' }).first() },
  telemetry: { api: '**/api/telemetry/summary?*', shown: page => page.getByRole('img', { name: /Tokens a day/ }) },
};

test('Inbox, box, activity and telemetry: dark on a phone, and what to do when the instance fails', async t => {
  const { job } = await (await agent.post('/api/scheduler/jobs', { prompt: 'count the hens', schedule: '0 9 1 1 *' })).json();
  await agent.post(`/api/scheduler/jobs/${job.id}/run`, {});
  await agent.post('/api/inbox', { text: `a long word: ${'x'.repeat(300)}`, priority: 'later', source: 's'.repeat(120), dedup_key: 'k'.repeat(200) });
  for (const [view, { api, shown }] of Object.entries(views)) {
    await t.test(view, async () => {
      const { page, sound, close, context } = await open(browser, agent, { path: '/#/chat', viewport: { width: 390, height: 800 }, colorScheme: 'dark' });
      // It fails; then it is held until somebody has tried again, for a view that looks by itself may come before.
      let mended = null;
      await context.route(api, async route => {
        if (!mended) {
          return await route.fulfill({
            status: 500, contentType: 'application/problem+json', body: JSON.stringify({ title: 'Internal error', status: 500, code: 'internal', detail: 'The disk is on fire.' }),
          });
        }

        await mended;
        await route.continue().catch(() => {});
      });
      await page.goto(new URL(`/#/${view}`, agent.url).href);
      const alert = page.getByRole('alert').filter({ hasText: 'The disk is on fire.' });
      await alert.waitFor();
      assert.equal(await shown(page).count(), 0);
      await accessible(page);
      let tried;
      mended = new Promise(done => { tried = done; });
      await alert.getByRole('button', { name: 'Try again' }).click();
      tried();
      await shown(page).waitFor();
      await alert.waitFor({ state: 'detached' });
      await accessible(page);
      assert.ok(await fits(page));
      sound();
      await close();
    });
  }
});
