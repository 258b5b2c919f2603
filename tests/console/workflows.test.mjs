import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Sandbox, startModel, until } from '../clients/harness.mjs';
import { accessible, open, startBrowser } from './browser.mjs';

const recipe = `name: letter
description: Writes a letter.
inputs:
  team: {type: string}
steps:
  - id: news
    prompt: What did {{inputs.team}} do?
  - id: page
    tool: current_time
    arguments: {}
  - id: write
    prompt: "Write from {{steps.news.output}} at {{steps.page.output}}"
    gate: human
    question: May it be written?
output: "{{steps.write.output}}"
`;

let sandbox, model, browser, agent;
before(async () => {
  sandbox = new Sandbox();
  model = await startModel(request => JSON.stringify(request.messages).includes('Write from') ? 'Dear all, **it is done**.' : 'They built a boat.');
  browser = await startBrowser();
  agent = await sandbox.serve({ instance: 'alice', env: model.env });
});
after(async () => {
  await browser?.close();
  await sandbox?.close();
  await model?.close();
});

test('A recipe is written with errors at their lines, drawn, run live, and let through its gate', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/workflows' });
  await page.getByRole('link', { name: 'deep-research' }).waitFor();
  await accessible(page);
  await page.getByRole('link', { name: 'Write a recipe' }).click();
  const text = page.getByRole('textbox', { name: 'Recipe (YAML)' });
  await text.fill(recipe.replace('steps.news.output', 'steps.gone.output'));
  await page.getByRole('alert').getByText(/gone/).waitFor();
  await page.locator('.code-editor li.wrong', { hasText: '12' }).waitFor();
  await accessible(page);
  await text.fill(recipe);
  await page.getByRole('alert').waitFor({ state: 'detached' });
  await page.locator('.workflows-graph .node', { hasText: 'write' }).waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('“letter” is saved.').waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByLabel('team').fill('blue');
  await accessible(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Run' }).click();
  const gate = page.getByRole('region', { name: 'write waits for you' });
  await gate.getByText('May it be written?').waitFor();
  await page.locator('.workflows-graph .node.done', { hasText: 'news' }).waitFor();
  await accessible(page);
  await gate.getByRole('button', { name: 'Let it begin' }).click();
  await page.getByRole('heading', { name: 'Its answer' }).waitFor();
  await page.locator('section.panel strong', { hasText: 'it is done' }).waitFor();
  await page.getByRole('button', { name: /^write/ }).click();
  await accessible(page);
  sound();
  await close();
});

test('A run that waits is counted in the menu, and cancelled', async () => {
  const { run_id } = await (await agent.post('/api/workflows/letter/run', { inputs: { team: 'red' } })).json();
  const { page, sound, close } = await open(browser, agent, { path: '/#/workflows/runs', colorScheme: 'dark' });
  await page.getByRole('navigation', { name: 'Views' }).getByLabel('1 waiting').waitFor();
  await page.getByText('waiting', { exact: true }).waitFor();
  await accessible(page);
  await page.getByRole('link', { name: 'letter' }).first().click();
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the run' }).click();
  await until(async () => (await agent.get(`/api/workflows/runs/${run_id}`)).status === 'cancelled', 'the cancelling');
  sound();
  await close();
});

test('Workflows fit a phone', async () => {
  const { page, close } = await open(browser, agent, { path: '/#/workflows/deep-research', viewport: { width: 390, height: 800 } });
  await page.locator('.workflows-graph .node', { hasText: /^plan/ }).waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await accessible(page);
  await close();
});
