// The Model Context Protocol's own conformance suite, against the program's endpoint: mounted by tests/ProtoAgent.McpHost, beside the tools,
// prompts and resources the suite asks every server for.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Sandbox, patience } from './harness.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const suite = ['--import', join(here, 'old-node.mjs'), join(here, 'node_modules/@modelcontextprotocol/conformance/dist/index.js')];
const host = resolve(here, '../ProtoAgent.McpHost/bin/Debug/net10.0/mcp-host');
const scenarios = [...execFileSync(process.execPath, [...suite, 'list', '--server'], { encoding: 'utf8' }).matchAll(/^\s*- (\S+)/gm)].map(m => m[1]);

let sandbox, running, url;

before(async () => {
  assert.ok(existsSync(host), `${host} isn't there: build first.`);
  sandbox = new Sandbox();
  running = spawn(host, [sandbox.folder('data')], { env: sandbox.environment(), stdio: ['pipe', 'pipe', 'inherit'] });
  url = await new Promise((done, failed) => {
    createInterface({ input: running.stdout }).once('line', done);
    running.once('exit', code => failed(new Error(`The host ended with ${code} before it was ready.`)));
  });
});
after(async () => {
  running?.kill('SIGKILL');
  await sandbox?.close();
});

test('The suite has scenarios for servers', () => assert.ok(scenarios.length >= 30, scenarios.join(' ')));

for (const scenario of scenarios) {
  test(`MCP conformance: ${scenario}`, async () => {
    await new Promise((done, failed) => execFile(
      process.execPath, [...suite, 'server', '--url', `${url}/mcp`, '--scenario', scenario], { timeout: patience, cwd: sandbox.work },
      (error, stdout, stderr) => error ? failed(new Error(`${stdout}\n${stderr}`)) : done()));
  });
}
