// A real browser on the console of a running instance.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { patience } from '../clients/harness.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export function startBrowser() {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  });
}

/**
 * A page on the console, in a context of its own. What goes wrong in it fails the test that asks `sound()`: errors of scripts, what the
 * Content-Security-Policy refused, and any request to another host.
 */
export async function open(browser, agent, { path = '/', token, viewport = { width: 1280, height: 800 }, colorScheme = 'light' } = {}) {
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
  context.setDefaultTimeout(patience / 2);
  if (token) await context.addInitScript(t => sessionStorage.setItem('protoagent.token', t), token);
  const page = await context.newPage();
  const troubles = [];
  page.on('pageerror', error => troubles.push(`error: ${error.message}`));
  page.on('console', message => {
    if (message.type() === 'error' && !/Failed to load resource|net::ERR_/.test(message.text())) troubles.push(`console: ${message.text()}`);
  });
  page.on('request', request => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== new URL(agent.url).origin) troubles.push(`request: ${request.url()}`);
  });
  await page.goto(new URL(path, agent.url).href);
  return { page, context, troubles, sound: () => assert.deepEqual(troubles, []), close: () => context.close() };
}

/** No violation of WCAG 2.2 A or AA that axe-core finds. */
export async function accessible(page) {
  // Into an isolated world of the driver's: the page's Content-Security-Policy stays as it is.
  const client = await page.context().newCDPSession(page);
  const { frameTree } = await client.send('Page.getFrameTree');
  const { executionContextId } = await client.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' });
  const { result, exceptionDetails } = await client.send('Runtime.evaluate', {
    contextId: executionContextId, awaitPromise: true, returnByValue: true,
    expression: `${axeSource};\naxe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
      .then(r => r.violations.map(v => v.id + ': ' + v.help + ' — ' + v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')))`,
  });
  await client.detach();
  assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails));
  assert.deepEqual(result.value, []);
}
