import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import http from 'node:http';
import { dirname, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Sandbox, startModel, until } from '../clients/harness.mjs';
import { accessible, open, startBrowser } from './browser.mjs';

const Secret = 'not:to=be seen';
const fixture = ['Debug', 'Release'].map(built => resolve(dirname(fileURLToPath(import.meta.url)), `../ProtoAgent.McpFixture/bin/${built}/net10.0/mcp-fixture`)).find(existsSync);

let sandbox, model, browser, agent;
before(async () => {
  assert.ok(fixture, 'The MCP server of the tests isn\'t there: dotnet build tests/ProtoAgent.McpFixture');
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

const add = async (page, fields) => {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
};
const unseen = async page => {
  assert.ok(!(await page.content()).includes(Secret));
  assert.ok(!JSON.stringify(await agent.get('/api/mcp/servers')).includes(Secret));
  assert.ok(!agent.log.includes(Secret));
};

test('What is offered and why not', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/tools' });
  await page.getByText('There is no MCP server').waitFor();
  await page.getByLabel('Find a tool').fill('run_command');
  await page.getByText('off unless tools.enable names it').waitFor();
  await page.locator('summary', { hasText: 'run_command' }).click();
  await page.getByLabel('Schema of run_command').waitFor();
  await accessible(page);
  sound();
  await close();
});

test('A program is added with its arguments and environment, its tools are there, and its secret is not', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/tools', colorScheme: 'dark' });
  await page.locator('summary', { hasText: 'Add a server' }).click();
  await add(page, { Name: 'local', 'Address or program': fixture, Arguments: '--an argument of "words"\nplain', Environment: `KEY=${Secret}` });
  const row = page.getByRole('row', { name: /local/ });
  await row.getByText('ready', { exact: true }).waitFor();
  await row.getByText(/local__echo|echo/).waitFor();
  await unseen(page);
  await accessible(page);
  await page.getByLabel('Find a tool').fill('local__echo');
  await page.locator('summary', { hasText: 'local__echo' }).getByText('offered').waitFor();
  await row.getByRole('button', { name: 'Remove local' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('There is no MCP server').waitFor();
  await until(() => page.evaluate(() => document.activeElement?.tagName === 'H1'), 'the focus on the heading');
  sound();
  await close();
});

test('One that fails says why', async () => {
  const { page, sound, close } = await open(browser, agent, { path: '/#/tools', viewport: { width: 390, height: 800 } });
  await page.locator('summary', { hasText: 'Add a server' }).click();
  await add(page, { Name: 'broken', 'Address or program': fixture, Arguments: 'fail' });
  const row = page.getByRole('row', { name: /broken/ });
  await row.getByText(/the fixture can't find its token/).waitFor();
  await accessible(page);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await row.getByRole('button', { name: 'Remove broken' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('There is no MCP server').waitFor();
  sound();
  await close();
});

test('A header is sent as it was written, and a line that is none is refused without being repeated', async t => {
  const seen = [];
  const server = http.createServer((incoming, outgoing) => { seen.push(incoming.headers.authorization); outgoing.writeHead(403).end(); });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  t.after(() => { server.closeAllConnections(); server.close(); });
  const { page, sound, close } = await open(browser, agent, { path: '/#/tools' });
  await page.locator('summary', { hasText: 'Add a server' }).click();
  await page.getByLabel('Address or program').fill(`http://127.0.0.1:${server.address().port}/mcp`);
  await page.getByLabel('Name', { exact: true }).fill('remote');
  await page.getByLabel('Headers', { exact: true }).fill(`X-Plain: a\n${Secret.replace(':', '')}`);
  await page.getByText('Line 2 has no name before a “:”.').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Add', exact: true }).isDisabled());
  await accessible(page);
  await add(page, { Headers: `Authorization: Bearer ${Secret}` });
  await until(() => seen.includes(`Bearer ${Secret}`), 'the header');
  await page.getByRole('row', { name: /remote/ }).getByText('403 Forbidden').waitFor();
  await unseen(page);

  // Whoever sends such a line by hand is not told it back either.
  const refused = await agent.post('/api/mcp/servers', { name: 'other', url: 'http://127.0.0.1:1/mcp', headers: { [Secret]: 'x' } });
  assert.equal(refused.status, 400);
  assert.ok(!(await refused.text()).includes(Secret));
  sound();
  await close();
});
