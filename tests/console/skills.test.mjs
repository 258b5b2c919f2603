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
