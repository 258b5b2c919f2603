// Takes the pictures of docs/console.md: `node tests/console/pictures.mjs`. They are looked at before they are committed.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Sandbox, startModel } from '../clients/harness.mjs';
import { open, startBrowser } from './browser.mjs';

const folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
mkdirSync(folder, { recursive: true });
const sandbox = new Sandbox();
const browser = await startBrowser();
const model = await startModel(request => {
  const last = request.messages.at(-1);
  if (last.role === 'tool') return `That is **${last.content}**. Shall I remind you of it on Monday?`;
  return { calls: [{ name: 'calculator', arguments: { expression: '17*23' } }] };
});
const agent = await sandbox.serve({ instance: 'alice', env: model.env });
const bob = await sandbox.serve({ instance: 'bob', env: model.env });
const twin = await sandbox.serve({ instance: 'bob', env: model.env });
await agent.post('/api/chat', { message: 'What is 17 times 23?' });
await agent.post('/api/scheduler/jobs', { prompt: 'Summarise what came in overnight.', schedule: '0 7 * * MON-FRI', job_id: 'morning' });
await agent.post('/api/scheduler/jobs', { prompt: 'Look at the tickets.', schedule: 'every 3h', job_id: 'tickets' });
const { session } = await agent.get('/api/chat/sessions').then(page => ({ session: page.items.at(0).id }));
for (const [name, path, ready, as] of [
  ['chat', `/#/chat/${session}`, 'calculator'], ['box', '/#/box', 'this one'], ['schedule', '/#/schedule', 'morning'], ['settings', '/#/settings/model', 'Connect'],
  ['workflow', '/#/workflows/deep-research', 'doubts'], ['phone', `/#/chat/${session}`, 'calculator', { viewport: { width: 390, height: 800 }, colorScheme: 'dark' }],
]) {
  const { page, close } = await open(browser, agent, { path, ...as });
  await page.getByText(ready).first().waitFor();
  await page.screenshot({ path: `${folder}${name}.png` });
  await close();
}

await twin.stop();
await bob.stop();
await browser.close();
await sandbox.close();
await model.close();
