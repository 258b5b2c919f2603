// The inbox, as a person uses it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { lastUser, Sandbox, startModel } from '../clients/harness.mjs';
import { accessible, open, startBrowser } from './browser.mjs';

let sandbox, model, browser, agent;
before(async () => {
  sandbox = new Sandbox();
  model = await startModel(request => lastUser(request).includes('poison') ? { status: 400, error: 'no such thing' } : 'I looked at it.');
  browser = await startBrowser();
  agent = await sandbox.serve({ instance: 'alice', env: model.env });
});
after(async () => {
  await browser?.close();
  await sandbox?.close();
  await model?.close();
});

/** A source of its own for each: one that sends too much is refused. */
const leave = async (text, more = {}) => (await (await agent.post('/api/inbox', { text, priority: 'later', source: text.replaceAll(' ', '-'), ...more })).json()).item;

test('An item is posted, dealt with and deleted', async () => {
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
  assert.equal(item.dedup_key, null);
  await accessible(page);
  await row.getByRole('button', { name: 'Dealt with' }).click();
  await page.locator('h1:focus').waitFor();
  await page.getByText('Nothing waits').waitFor();
  await page.getByLabel('Also what was delivered').check();
  await page.getByRole('row', { name: /tickets.*console.*delivered.*(second|now)/ }).waitFor();
  await leave('from elsewhere');
  const other = page.getByRole('row', { name: /from elsewhere/ });
  await other.getByRole('button', { name: /Delete/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await other.waitFor({ state: 'detached' });
  const third = await leave('and taken back elsewhere');
  await page.getByRole('row', { name: /taken back elsewhere/ }).waitFor();
  await agent.fetch(`/api/inbox/${third.id}`, { method: 'DELETE' });
  await page.getByRole('row', { name: /taken back elsewhere/ }).waitFor({ state: 'detached' });
  sound();
  await close();
});

test('An empty list under a filter says that less urgent items may wait, and leads to them', async () => {
  const item = await leave('water the plants');
  const { page, sound, close } = await open(browser, agent, { path: '/#/inbox' });
  const row = page.getByRole('row', { name: /water the plants/ });
  await row.waitFor();
  await page.getByLabel('Priority', { exact: true }).selectOption('now');
  await page.getByText('Nothing is that urgent').waitFor();
  assert.equal(await page.getByText('Nothing waits').count(), 0);
  await accessible(page);
  await page.getByRole('button', { name: 'Show everything' }).click();
  await row.waitFor();
  assert.equal(await page.getByLabel('Priority', { exact: true }).inputValue(), 'later');
  sound();
  await close();
  await agent.fetch(`/api/inbox/${item.id}`, { method: 'DELETE' });
});

test('Another filter begins at the first page, and an emptied page gives way to the one before', async () => {
  for (let i = 1; i <= 51; i++) await leave(`chore ${i}.`);
  const { page, sound, close } = await open(browser, agent, { path: '/#/inbox' });
  const pager = page.getByRole('navigation', { name: 'Pages of the inbox' });
  const first = page.getByRole('row', { name: /chore 1\./ });
  const last = page.getByRole('row', { name: /chore 51\./ });
  await pager.getByRole('button', { name: 'Next' }).click();
  await last.waitFor();
  await page.getByLabel('Also what was delivered').check();
  await first.waitFor();
  await pager.getByText('page 1', { exact: true }).waitFor();
  // By urgency, then the oldest first: what follows is neither older nor newer.
  assert.deepEqual(await pager.getByRole('button').allTextContents(), ['Previous', 'Next']);
  await pager.getByRole('button', { name: 'Next' }).click();
  await last.waitFor();
  await page.getByLabel('Priority', { exact: true }).selectOption('next');
  await page.getByText('Nothing is that urgent').waitFor();
  await page.getByRole('button', { name: 'Show everything' }).click();
  await first.waitFor();
  await page.getByLabel('Also what was delivered').uncheck();
  await first.waitFor();
  await pager.getByRole('button', { name: 'Next' }).click();
  await last.getByRole('button', { name: /Delete/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await first.waitFor();
  await pager.waitFor({ state: 'detached' });
  sound();
  await close();
});

test('A source and a key are given; a second one of the key is not added, and that is said', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/inbox' });
  await page.locator('summary', { hasText: 'Source and key' }).click();
  assert.equal(await page.getByLabel('Source', { exact: true }).inputValue(), 'console');
  await page.getByLabel('Source', { exact: true }).fill('ci');
  await page.getByLabel('Key against duplicates').fill('build-7');
  await page.getByLabel('Leave something for the agent').fill('the build is red');
  await accessible(page);
  await page.getByRole('button', { name: 'Post' }).click();
  await page.getByRole('row', { name: /the build is red.*ci.*key build-7/ }).waitFor();
  await page.getByLabel('Key against duplicates').fill('build-7');
  await page.getByLabel('Leave something for the agent').fill('the build is still red');
  await page.getByRole('button', { name: 'Post' }).click();
  await page.getByText('One with this key waits already: nothing was added.').waitFor();
  assert.equal(await page.getByLabel('Leave something for the agent').inputValue(), 'the build is still red');
  assert.equal((await agent.get('/api/inbox')).items.length, 1);
  sound();
  await close();
});

test('An item whose turn failed says how often, why, and when it is tried again; one that was read leads to its conversation', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/inbox' });
  await page.getByLabel('Priority', { exact: true }).selectOption('now');
  await page.getByText('Nothing is that urgent').waitFor();
  await leave('poison', { priority: 'now' });
  const failed = page.getByRole('row', { name: /poison/ });
  await failed.getByText('1 failed attempt').waitFor();
  await failed.getByText(/next attempt in \d+ seconds/).waitFor();
  await failed.getByText('no such thing').waitFor();
  await accessible(page);
  await failed.getByRole('button', { name: 'Dealt with' }).click();
  await failed.waitFor({ state: 'detached' });
  await leave('read me', { priority: 'now' });
  await page.getByLabel('Also what was delivered').check();
  await page.getByRole('row', { name: /read me.*delivered/ }).getByRole('link', { name: 'Open read me' }).click();
  await page.getByRole('heading', { name: 'Item of the inbox' }).waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Open its conversation' }).click();
  await page.getByText('I looked at it.').first().waitFor();
  assert.equal(await page.locator('.markdown p').first().evaluate(p => getComputedStyle(p).unicodeBidi), 'plaintext');
  assert.ok(page.url().includes(encodeURIComponent('system:activity')));
  await page.goto(new URL('/#/inbox/none', agent.url).href);
  await page.getByRole('alert').getByText("There is no item 'none' in this inbox").waitFor();
  sound();
  await close();
});

test('What is written from right to left is shown and typed so', async () => {
  const text = 'שלום, זה בדיקה.';
  const item = await leave(text, { source: 'afar', priority: 'next' });
  assert.equal(item.text, text);
  const { page, sound, close } = await open(browser, agent, { path: '/#/inbox' });
  const direction = what => what.evaluate(e => getComputedStyle(e).direction);
  await page.getByText(text, { exact: true }).waitFor();
  assert.equal(await direction(page.getByText(text, { exact: true })), 'rtl');
  const field = page.getByLabel('Leave something for the agent');
  await field.fill(text);
  assert.equal(await direction(field), 'rtl');
  await page.goto(new URL(`/#/inbox/${item.id}`, agent.url).href);
  await page.getByRole('heading', { name: 'Item of the inbox' }).waitFor();
  assert.equal(await direction(page.getByText(text, { exact: true })), 'rtl');
  await agent.fetch(`/api/inbox/${item.id}`, { method: 'DELETE' });
  sound();
  await close();
});
