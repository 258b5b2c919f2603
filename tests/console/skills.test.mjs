import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Sandbox, signal, startModel, until } from '../clients/harness.mjs';
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

test('A skill is written, refused where it is wrong, saved, shared and deleted', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/skills' });
  await page.getByRole('link', { name: 'research' }).waitFor();
  await accessible(page);
  await page.getByRole('link', { name: 'Write a skill' }).click();
  const text = page.getByRole('textbox', { name: 'SKILL.md' });
  await text.fill('---\nname: weekly\n---\nDo it.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText(/description/).waitFor();
  await accessible(page);
  await text.fill('---\nname: weekly\ndescription: Writes the weekly report. Use it on Fridays.\nslash: week\n---\n\n1. Read the tickets.\n');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'weekly', level: 1 }).waitFor();
  assert.equal((await agent.get('/api/skills/weekly')).skill.slash, 'week');
  await page.getByRole('button', { name: 'Share with the box' }).click();
  await page.getByText('The box has it now').waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await until(async () => !(await agent.get('/api/skills?limit=500')).items.some(s => s.name === 'weekly'), 'the deletion');
  sound();
  await close();
});

test('A broken skill is named with its file, and what comes with the program can only be read', async () => {
  const folder = join(agent.root, 'skills', 'broken');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'SKILL.md'), 'no front matter');
  const { page, sound, close } = await open(browser, agent, { path: '/#/skills', colorScheme: 'dark' });
  await page.getByRole('region', { name: 'Skills that can\'t be used' }).getByText(/broken/).waitFor();
  await accessible(page);
  await page.getByRole('link', { name: 'research' }).click();
  await page.getByText('It comes with the program').waitFor();
  assert.equal(await page.getByRole('textbox', { name: 'SKILL.md' }).getAttribute('readonly'), '');
  sound();
  await close();
});

const skillText = (name, body) => `---\nname: ${name}\ndescription: Writes the ${name} report. Use it on Fridays.\n---\n\n${body}\n`;
const put = (name, text) => agent.fetch(`/api/skills/${name}`, { method: 'PUT', headers: { 'content-type': 'text/markdown' }, body: text });
const stored = async name => (await agent.get(`/api/skills/${name}`)).text;

test('What is written in a skill is not left, and not written over, unasked', async () => {
  assert.ok((await put('kept', skillText('kept', 'Of before.'))).ok);
  const { page, sound, close } = await open(browser, agent, { path: '/#/skills' });
  await page.getByRole('link', { name: 'kept' }).click();
  const text = page.getByRole('textbox', { name: 'SKILL.md' });
  const dialog = page.getByRole('dialog');
  await until(async () => (await text.inputValue()).includes('Of before.'), 'the text');
  await text.fill(skillText('kept', 'Of mine.'));

  // Back, a link and a reload: asked, and the text is there for whoever stays.
  await page.goBack();
  await dialog.getByText('Leave without saving?').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  assert.ok((await text.inputValue()).includes('Of mine.'));
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Memory' }).click();
  await dialog.getByText('Leave without saving?').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  assert.equal(new URL(page.url()).hash, '#/skills/kept');
  assert.ok((await text.inputValue()).includes('Of mine.'));
  const asked = new Promise(done => page.once('dialog', async d => { await d.dismiss(); done(d.type()); }));
  await page.reload({ timeout: 3000 }).catch(() => undefined);
  assert.equal(await asked, 'beforeunload');
  assert.ok((await text.inputValue()).includes('Of mine.'));

  // Somebody else saved it meanwhile.
  assert.ok((await put('kept', skillText('kept', 'Of theirs.'))).ok);
  await page.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('was changed meanwhile').waitFor();
  await accessible(page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  assert.ok((await stored('kept')).includes('Of theirs.'));
  assert.ok((await text.inputValue()).includes('Of mine.'));
  await page.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('button', { name: 'Save over it' }).click();
  await page.getByText('“kept” is saved.').waitFor();
  assert.ok((await stored('kept')).includes('Of mine.'));
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Memory' }).click();
  await page.getByRole('heading', { name: 'Memory', level: 1 }).waitFor();

  // A new one of that name does not take its place unasked; one leaves what is not saved, when one says so.
  await page.goto(new URL('/#/skills/+new', agent.url).href);
  await text.fill(skillText('kept', 'Of another.'));
  await page.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Replace “kept”?').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  assert.ok((await stored('kept')).includes('Of mine.'));
  await page.getByRole('link', { name: 'Back' }).click();
  await dialog.getByRole('button', { name: 'Leave' }).click();
  await page.getByRole('heading', { name: 'Skills', level: 1 }).waitFor();
  sound();
  await close();
});

test('What is typed while a skill is being saved stays', async () => {
  assert.ok((await put('slow', skillText('slow', 'First.'))).ok);
  const { page, sound, close } = await open(browser, agent, { path: '/#/skills/slow' });
  const text = page.getByRole('textbox', { name: 'SKILL.md' });
  await until(async () => (await text.inputValue()).includes('First.'), 'the text');
  const held = signal();
  await page.route('**/api/skills/slow', async route => {
    if (route.request().method() === 'PUT') await held;
    await route.continue();
  });
  await text.fill(skillText('slow', 'Second.'));
  const sent = page.waitForRequest(r => r.method() === 'PUT');
  await page.getByRole('button', { name: 'Save' }).click();
  await sent;
  await text.fill(skillText('slow', 'Third.'));
  held.done();
  await page.getByText('“slow” is saved.').waitFor();
  assert.ok((await stored('slow')).includes('Second.'));
  assert.ok((await text.inputValue()).includes('Third.'));
  await page.getByRole('button', { name: 'Save' }).click();
  await until(async () => (await stored('slow')).includes('Third.'), 'the second saving');
  sound();
  await close();
});
