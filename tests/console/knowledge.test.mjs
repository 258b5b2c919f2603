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

const known = async q => (await agent.get(`/api/knowledge/search?q=${encodeURIComponent(q)}`)).map(c => c.content);

test('A note is added, found with its score and trust, changed and deleted', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/knowledge' });
  await page.getByText('Nothing is known yet').waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Add a note' }).click();
  await page.getByRole('textbox', { name: 'Content' }).fill('The boiler is serviced by Hansen every October.');
  await page.getByRole('textbox', { name: 'Heading' }).fill('Boiler');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.', { exact: true }).waitFor();
  await page.getByLabel('What to find').fill('boiler service');
  await page.getByText('1 found').waitFor();
  const hit = page.locator('.knowledge-hits li').first();
  await hit.getByText('operator').waitFor();
  await hit.getByText(/score (?!0\.000)\d/).waitFor();
  await accessible(page);
  await hit.getByRole('link', { name: 'Boiler' }).click();
  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByRole('textbox', { name: 'Content' }).fill('The boiler is serviced by Olsen every May.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Olsen every May').first().waitFor();
  assert.deepEqual(await known('boiler'), ['The boiler is serviced by Olsen every May.']);
  await accessible(page);
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await until(async () => (await known('boiler')).length === 0, 'the deletion');
  sound();
  await close();
});

test('A note that is refused stays as it was typed', async () => {
  const { page, close } = await open(browser, agent, { path: '/#/knowledge' });
  await page.getByRole('button', { name: 'Add a note' }).click();
  await page.getByRole('textbox', { name: 'Content' }).fill('Something to keep.');
  await page.getByLabel('Domain', { exact: true }).last().fill('x'.repeat(5000));
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').locator('.error').waitFor();
  assert.equal(await page.getByRole('textbox', { name: 'Content' }).inputValue(), 'Something to keep.');
  await close();
});

test('Documents are dropped in, deleted by source, and brought back', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/knowledge/ingest', colorScheme: 'dark' });
  const body = Array.from({ length: 60 }, (_, i) => `## Part ${i}\n\nThe lighthouse number ${i} was built by keeper ${i * 7} on the northern coast of the island.`).join('\n\n');
  await page.locator('.knowledge-drop').waitFor();
  await page.evaluate(text => {
    const data = new DataTransfer();
    data.items.add(new File([`# Lighthouses\n\n${text}`], 'lighthouses.md', { type: 'text/markdown' }));
    document.querySelector('.knowledge-drop').dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
  }, body);
  const row = page.locator('.knowledge-ingest', { hasText: 'lighthouses.md' });
  await row.getByText('done', { exact: true }).waitFor();
  assert.match(await row.textContent(), /1 of 1 documents, [1-9]\d* chunks added/);
  await accessible(page);
  assert.notEqual((await known('lighthouse keeper')).length, 0);
  await page.getByRole('link', { name: 'Documents', exact: true }).click();
  await page.getByRole('button', { name: /^Delete .*ighthouses/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  assert.deepEqual(await known('lighthouse keeper'), []);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText(/is back/).waitFor();
  assert.notEqual((await known('lighthouse keeper')).length, 0);
  await accessible(page);
  sound();
  await close();
});

test('A document that was deleted is brought back when the undo is long gone', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/knowledge/sources' });
  await page.getByRole('button', { name: /^Delete .*ighthouses/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await until(async () => (await known('lighthouse keeper')).length === 0, 'the deletion');
  await page.reload();
  await page.getByText('No documents yet').waitFor();
  await page.getByLabel('also deleted ones').check();
  await page.getByRole('button', { name: /^Restore .*ighthouses/ }).waitFor();
  await accessible(page);
  await page.getByRole('button', { name: /^Restore .*ighthouses/ }).click();
  await page.getByText(/is back/).waitFor();
  assert.notEqual((await known('lighthouse keeper')).length, 0);
  sound();
  await close();
});

test('A folder that is dropped is told from a document, and only what has changed is read out', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/knowledge/ingest' });
  await page.locator('.knowledge-drop').waitFor();
  let sent = 0;
  page.on('request', r => { if (r.method() === 'POST') sent++; });
  await page.evaluate(() => {
    // A browser makes no folder for a script; this is what one looks like.
    const folder = { kind: 'file', webkitGetAsEntry: () => ({ isDirectory: true }), getAsFile: () => new File([], 'folder') };
    const event = new DragEvent('drop', { bubbles: true, cancelable: true });
    Object.defineProperty(event, 'dataTransfer', { value: { items: [folder], files: [folder.getAsFile()] } });
    document.querySelector('.knowledge-drop').dispatchEvent(event);
  });
  await page.getByText('A folder can’t be taken in.').waitFor();
  assert.equal(sent, 0);
  const row = page.locator('.knowledge-ingest', { hasText: 'lighthouses.md' });
  assert.equal(await row.locator('time').evaluate(time => time.closest('[aria-live]')), null);
  assert.match(await row.locator('[aria-live=polite]').textContent(), /^lighthouses\.md: done$/);
  sound();
  await close();
});

test('An address of a private network is refused with the reason', async () => {
  const { page, close } = await open(browser, agent, { path: '/#/knowledge/ingest' });
  await page.getByLabel('Or an address').fill('http://169.254.169.254/latest');
  await page.getByRole('button', { name: 'Fetch' }).click();
  await page.getByText(/allow_hosts|private|not let through/).last().waitFor();
  await close();
});

test('Knowledge fits a phone', async () => {
  const { page, close } = await open(browser, agent, { path: '/#/knowledge', viewport: { width: 390, height: 800 } });
  await page.getByRole('heading', { name: 'Knowledge', level: 1 }).waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await accessible(page);
  await close();
});
