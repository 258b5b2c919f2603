// The conformance suite of the Model Context Protocol (@modelcontextprotocol/conformance) against the endpoint. What needs a tool, a resource or a
// prompt of the suite's own runs against a host that mounts the very same endpoint and has those besides; the rest against the program itself.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Sandbox } from './harness.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const suite = join(here, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
const built = configuration => resolve(here, `../ProtoAgent.McpHost/bin/${configuration}/net10.0/mcp-host`);
const host = ['Debug', 'Release'].map(built).find(existsSync) ?? built('Debug');

const byTheProgram = ['server-initialize', 'logging-set-level', 'ping', 'tools-list', 'resources-list', 'prompts-list', 'server-sse-multiple-streams', 'dns-rebinding-protection'];
const byTheHost = [
  'completion-complete', 'tools-call-simple-text', 'tools-call-image', 'tools-call-audio', 'tools-call-embedded-resource', 'tools-call-mixed-content', 'tools-call-with-logging', 'tools-call-error',
  'tools-call-with-progress', 'tools-call-sampling', 'tools-call-elicitation', 'json-schema-2020-12', 'elicitation-sep1034-defaults', 'server-sse-polling', 'elicitation-sep1330-enums',
  'resources-read-text', 'resources-read-binary', 'resources-templates-read', 'resources-subscribe', 'resources-unsubscribe', 'prompts-get-simple', 'prompts-get-with-args',
  'prompts-get-embedded-resource', 'prompts-get-with-image',
];

let sandbox, agent, fixture;
before(async () => {
  if (!existsSync(host)) throw new Error(`${host} isn't there: dotnet build tests/ProtoAgent.McpHost`);
  sandbox = new Sandbox();
  agent = await sandbox.serve({ instance: 'plain' });
  fixture = await sandbox.serve({ instance: 'fixture', program: host });
});
after(() => sandbox?.close());

const run = (url, scenario, version) => promisify(execFile)(
  process.execPath, ['--import', join(here, 'node20.mjs'), suite, 'server', '--url', url, '--scenario', scenario, '--spec-version', version], { cwd: sandbox.work, env: { PATH: process.env.PATH, HOME: sandbox.home } })
  .then(r => ({ code: 0, ...r }), e => e);

test('Every scenario of the suite for servers is run', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', join(here, 'node20.mjs'), suite, 'list', '--server'], { cwd: sandbox.work, env: { PATH: process.env.PATH, HOME: sandbox.home } });
  const listed = [...stdout.split('Client scenarios')[0].matchAll(/^ +- ([a-z0-9-]+)/gm)].map(m => m[1]);
  assert.deepEqual([...byTheProgram, ...byTheHost].sort(), listed.sort());
});

for (const [scenarios, of] of [[byTheProgram, () => agent], [byTheHost, () => fixture]]) {
  for (const scenario of scenarios) {
    test(`MCP conformance: ${scenario}`, async () => {
      const { code, stdout, stderr } = await run(new URL('/mcp', of().url).href, scenario, '2025-11-25');
      assert.equal(code, 0, `${stdout}\n${stderr}`);
      assert.match(stdout, /Passed: [1-9]\d*\/\d+|passed/i, stdout);
    });
  }
}
