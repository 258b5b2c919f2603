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
  await page.locator('button:focus', { hasText: 'Resume' }).waitFor();
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

test('The times of a yearly job are told apart by their year, here and there', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/schedule/+new' });
  await page.getByLabel('Time zone').fill('Pacific/Kiritimati');
  await page.getByLabel('Schedule', { exact: true }).fill('0 9 1 7 *');
  const fires = page.getByRole('table', { name: 'The next 5 times' }).getByRole('row');
  await until(async () => await fires.count() === 6, 'the next five fires');
  const years = (await fires.allInnerTexts()).slice(2).map(text => text.match(/20\d\d/g));
  const next = Number(years[0][0]);
  assert.deepEqual(years, [0, 1, 2, 3].map(i => [`${next + i}`, `${next + i}`]));
  sound();
  await close();
});

test('The timeline is of the jobs as they are, also when they are changed elsewhere, and goes on with time', async () => {
  const own = await sandbox.serve({ instance: 'carol', env: model.env });
  for (const id of ['first', 'second']) await own.post('/api/scheduler/jobs', { prompt: `hello ${id}`, schedule: 'every 1h', job_id: id });
  const ran = async () => {
    await own.post('/api/scheduler/jobs/second/run', {});
    await until(async () => (await own.get('/api/scheduler/jobs/second')).job.last_status === 'done', 'the run');
  };
  await ran();
  const { page, context, sound, close } = await open(browser, own, { path: '/#/schedule' });
  const lane = id => page.locator('.lane').filter({ has: page.getByRole('link', { name: id, exact: true }) });
  await lane('first').waitFor();
  let read = 0;
  page.on('request', r => { if (/jobs\/second\/runs/.test(r.url())) read++; });
  await lane('second').locator('.done').waitFor();
  const before = read;
  await own.post('/api/scheduler/jobs/first/pause', {});
  await lane('first').waitFor({ state: 'detached' });
  assert.equal(read, before, 'a job that is as it was is not asked for again');
  await ran();
  await until(async () => await lane('second').locator('.done').count() === 2, 'the second run');

  // A day passes for the browser alone: it hears of no other time.
  await context.route('**/api/**', async route => {
    if (/events/.test(route.request().url())) return await route.abort();
    const response = await route.fetch();
    const { date, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
  await page.clock.install({ time: Date.now() });
  await page.reload();
  await until(async () => await lane('second').locator('rect.fire').count() >= 23, 'the fires of a day');
  await page.clock.fastForward(26 * 3_600_000);
  await until(async () => await lane('second').locator('rect.fire').count() > 40, 'the fires of two days');
  const outside = await lane('second').locator('> svg').evaluate(svg => {
    const box = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('.fire, g')].map(m => m.getBoundingClientRect()).filter(b => b.left < box.left - 8 || b.right > box.right + 8).length;
  });
  assert.equal(outside, 0);
  sound();
  await close();
});

test('Events that come faster than an answer keep nothing from being shown', async () => {
  const own = await sandbox.serve({ instance: 'erin', env: model.env });
  await own.post('/api/scheduler/jobs', { prompt: 'change', schedule: 'every 1h', job_id: 'restless' });
  const { page, context, sound, close } = await open(browser, own, { path: '/#/schedule' });
  await page.getByRole('link', { name: 'restless', exact: true }).first().waitFor();
  await context.route(/\/api\/scheduler\/jobs(\?|$)/, async route => {
    await new Promise(next => setTimeout(next, 1_000));
    await route.continue().catch(() => {});
  });
  let over = false;
  const changing = (async () => {
    for (let i = 0; !over; i++) await own.post(`/api/scheduler/jobs/restless/${i % 2 ? 'resume' : 'pause'}`, {});
  })();
  try {
    await own.post('/api/scheduler/jobs', { prompt: 'wait', schedule: 'every 1h', job_id: 'newcomer' });
    await page.getByRole('link', { name: 'newcomer', exact: true }).first().waitFor();
  } finally {
    over = true;
    await changing;
  }

  sound();
  await close();
});

test('Among more jobs than a page of them, any is found, and time passes at no cost', async () => {
  const own = await sandbox.serve({ instance: 'dave', env: model.env });
  const ids = Array.from({ length: 620 }, (_, i) => `job-${i}`);
  for (let i = 0; i < ids.length; i += 20) {
    await Promise.all(ids.slice(i, i + 20).map(job_id => own.post('/api/scheduler/jobs', { prompt: `count ${job_id}`, schedule: `0 9 1 ${(new Date().getUTCMonth() + 6) % 12 + 1} *`, timezone: 'Pacific/Kiritimati', job_id })));
  }

  const { page, context, sound, close } = await open(browser, own, { path: '/healthz' });
  await context.addInitScript(() => {
    globalThis.made = 0;
    Intl.DateTimeFormat = new Proxy(Intl.DateTimeFormat, {
      apply: (to, self, args) => { globalThis.made++; return Reflect.apply(to, self, args); },
      construct: (to, args) => { globalThis.made++; return Reflect.construct(to, args); },
    });
    const told = Date.prototype.toLocaleString;
    Date.prototype.toLocaleString = function (...args) { globalThis.made++; return told.apply(this, args); };
  });
  await page.goto(new URL('/#/schedule', own.url).href);
  const shown = page.locator('.schedule-jobs > li');
  await until(async () => await shown.count() === 100, 'the first of the jobs');
  const made = await page.evaluate(() => globalThis.made);
  await new Promise(next => setTimeout(next, 3_000));
  assert.equal(await page.evaluate(() => globalThis.made) - made, 0, 'formatters made as time passes');
  await page.getByRole('button', { name: 'Show 100 more' }).click();
  await until(async () => await shown.count() === 200, 'more of the jobs');
  for (const id of ['job-3', 'job-599']) {
    await page.getByLabel('Find a job').fill(`count ${id}`);
    await page.getByRole('link', { name: id, exact: true }).waitFor();
  }

  await accessible(page);
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
