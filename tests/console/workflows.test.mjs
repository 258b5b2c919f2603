import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Sandbox, signal, startModel, until } from '../clients/harness.mjs';
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

test('What is written in a recipe is not left, not written over, and not lost while it is saved', async () => {
  const of = (name, what) => `name: ${name}\ndescription: ${what}\nsteps:\n  - id: one\n    prompt: ${what}\noutput: "{{steps.one.output}}"\n`;
  const put = (name, text) => agent.fetch(`/api/workflows/${name}`, { method: 'PUT', headers: { 'content-type': 'application/yaml' }, body: text });
  const stored = async () => (await agent.get('/api/workflows/kept')).yaml;
  assert.ok((await put('kept', of('kept', 'before'))).ok);
  const { page, sound, close } = await open(browser, agent, { path: '/#/workflows/kept' });
  const text = page.getByRole('textbox', { name: 'Recipe (YAML)' });
  const dialog = page.getByRole('dialog');
  await until(async () => (await text.inputValue()).includes('before'), 'the text');
  await text.fill(of('kept', 'mine'));
  await page.getByRole('link', { name: 'Back' }).click();
  await dialog.getByText('Leave without saving?').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  assert.ok((await put('kept', of('kept', 'theirs'))).ok);
  await page.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('was changed meanwhile').waitFor();
  assert.equal(await stored(), of('kept', 'theirs'));

  const held = signal();
  await page.route('**/api/workflows/kept', async route => {
    if (route.request().method() === 'PUT') await held;
    await route.continue();
  });
  const sent = page.waitForRequest(r => r.method() === 'PUT' && !r.url().includes('check'));
  await dialog.getByRole('button', { name: 'Save over it' }).click();
  await sent;
  await text.fill(of('kept', 'later'));
  held.done();
  await page.getByText('“kept” is saved.').waitFor();
  assert.equal(await stored(), of('kept', 'mine'));
  assert.equal(await text.inputValue(), of('kept', 'later'));
  await page.getByRole('button', { name: 'Save' }).click();
  await until(async () => await stored() === of('kept', 'later'), 'the second saving');
  await page.locator('button:disabled', { hasText: 'Save' }).waitFor();

  await page.goto(new URL('/#/workflows/+new', agent.url).href);
  await text.fill(of('kept', 'another'));
  await page.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Replace “kept”?').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await stored(), of('kept', 'later'));
  sound();
  await close();
});

test('Recipes are shown to the last, however many', async () => {
  for (let i = 0; i < 55; i++) {
    const text = `name: many-${i}\ndescription: One of many.\nsteps:\n  - id: one\n    prompt: Do it.\noutput: "{{steps.one.output}}"\n`;
    assert.ok((await agent.fetch(`/api/workflows/many-${i}`, { method: 'PUT', headers: { 'content-type': 'application/yaml' }, body: text })).ok);
  }

  const { page, sound, close } = await open(browser, agent, { path: '/#/workflows' });
  await page.getByRole('link', { name: 'many-0', exact: true }).waitFor();
  assert.equal(await page.getByRole('link', { name: /^many-/ }).count(), 55);
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
