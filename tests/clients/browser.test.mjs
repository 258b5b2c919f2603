// Pages in a real browser that try to use an instance they have no business with: from another port of this machine, from another site, and
// from a name made to point here (DNS rebinding). Each attack is made on the instance and on a control, a server that checks nothing and
// counts what reaches it: an attack that the control did not notice would prove nothing.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { Sandbox, startModel } from './harness.mjs';

const token = 'browser-test-token';
let sandbox, model, open, closed, control, pages, browser;

before(async () => {
  sandbox = new Sandbox();
  model = await startModel();
  open = await sandbox.serve({ instance: 'open', env: model.env });
  closed = await sandbox.serve({ instance: 'closed', env: { ...model.env, A2A_AUTH_TOKEN: token } });
  control = await startControl();
  pages = await startPages();
  browser = await chromium.launch({
    executablePath: process.env.PROTOAGENT_TEST_CHROMIUM || '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-dev-shm-usage', '--host-resolver-rules=MAP *.example 127.0.0.1',

      // Chromium has a fence of its own around this machine. Other browsers have none, so it is taken away: what is tested is ours.
      '--disable-features=LocalNetworkAccessChecks,PrivateNetworkAccessSendPreflights,BlockInsecurePrivateNetworkRequests',
    ],
  });
});

after(async () => {
  await browser?.close();
  await sandbox?.close();
  for (const one of [control, pages, model]) await one?.close();
});

/** Answers everything with a secret, lets everybody read it, and remembers what came. */
function startControl() {
  const seen = [];
  return listen((request, answer) => {
    seen.push(`${request.method} ${request.url}`);
    answer.writeHead(200, {
      'content-type': request.url.includes('events') ? 'text/event-stream' : 'application/json', 'access-control-allow-origin': '*',
      'access-control-allow-headers': '*', 'access-control-allow-methods': '*',
    });
    answer.end(request.url.includes('events') ? 'data: secret\n\n' : '{"secret":"secret"}');
  }, { seen });
}

function startPages() {
  return listen((_, answer) => {
    answer.writeHead(200, { 'content-type': 'text/html' });
    answer.end('<!doctype html><title>a page</title><body></body>');
  });
}

async function listen(handle, more = {}) {
  const server = http.createServer(handle);
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  return { ...more, port: server.address().port, close: () => new Promise(done => { server.closeAllConnections(); server.close(done); }) };
}

/** What a page may try without anybody's help. Returns what of it could be read. */
async function attack(target) {
  const read = [];
  const post = JSON.stringify({ message: 'from a foreign page' });
  const job = JSON.stringify({ prompt: 'from a foreign page', schedule: '0 0 1 1 *' });
  const attempt = async (name, ask) => {
    try {
      const text = await (await ask()).text();
      if (text) read.push(`${name}: ${text.slice(0, 400)}`);
    } catch { /* refused, which is what is hoped for */ }
  };
  const settled = (element, url) => new Promise(done => {
    element.onload = element.onerror = done;
    setTimeout(done, 3000);
    if (url) element.src = url;
    document.body.append(element);
  });

  await attempt('simple GET', () => fetch(`${target}/api/runtime/status`));
  await attempt('GET that is not to be read', () => fetch(`${target}/api/chat/sessions`, { mode: 'no-cors' }));
  await attempt('simple POST', () => fetch(`${target}/api/chat`, { method: 'POST', body: post }));
  await attempt('POST that is not to be read', () => fetch(`${target}/api/chat`, { method: 'POST', mode: 'no-cors', body: post }));
  await attempt('POST of JSON', () => fetch(`${target}/api/chat`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: post }));
  await attempt('POST of JSON to the schedule', () => fetch(`${target}/api/scheduler/jobs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: job }));
  await attempt('with credentials', () => fetch(`${target}/api/runtime/status`, { credentials: 'include' }));
  await attempt('a beacon', async () => new Response(navigator.sendBeacon(`${target}/api/chat`, new Blob([post], { type: 'application/json' })) ? '' : ''));
  await attempt('an event stream', () => new Promise((done, failed) => {
    const source = new EventSource(`${target}/api/events`);
    source.onmessage = event => { source.close(); done(new Response(event.data)); };
    source.onopen = () => { source.close(); done(new Response('opened')); };
    source.onerror = () => { source.close(); failed(); };
  }));
  await attempt('a web socket', () => new Promise((done, failed) => {
    const socket = new WebSocket(target.replace('http', 'ws') + '/api/events');
    socket.onopen = () => done(new Response('opened'));
    socket.onerror = failed;
  }));
  await attempt('a service worker', async () => new Response(String(await navigator.serviceWorker.register(`${target}/api/runtime/status`))));
  await settled(document.createElement('script'), `${target}/api/runtime/status?script`);
  const picture = document.createElement('img');
  await settled(picture, `${target}/api/runtime/status?picture`);
  if (picture.naturalWidth) read.push('a picture');
  const frame = document.createElement('iframe');
  frame.name = 'frame';
  await settled(frame, `${target}/api/runtime/status?frame`);
  try {
    const text = frame.contentDocument?.body?.textContent;
    if (text) read.push(`a frame: ${text.slice(0, 400)}`);
  } catch { /* another origin's */ }
  const form = Object.assign(document.createElement('form'), { action: `${target}/api/chat?form`, method: 'post', enctype: 'text/plain', target: 'frame' });
  form.append(Object.assign(document.createElement('input'), { name: '{"message":"from a foreign page","x":"', value: '"}' }));
  document.body.append(form);
  const answered = new Promise(done => { frame.onload = done; setTimeout(done, 3000); });
  form.submit();
  await answered;
  return read;
}

async function from(page, target) {
  const context = await browser.newContext();
  try {
    const tab = await context.newPage();

    // Served before the name was made to point elsewhere, so it carries nothing of what it attacks.
    await tab.route('**/rebound', route => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>a page</title><body></body>' }));
    await tab.goto(page);
    return await tab.evaluate(attack, target);
  } finally {
    await context.close();
  }
}

/** Nothing came about in either instance: no conversation, no job, and the model was not asked. */
async function untouched() {
  for (const [agent, headers] of [[open, {}], [closed, { authorization: `Bearer ${token}` }]]) {
    assert.deepEqual((await agent.get('/api/chat/sessions', { headers })).items, []);
    assert.deepEqual((await agent.get('/api/scheduler/jobs', { headers })).items, []);
  }

  assert.equal(model.requests.filter(r => r.path.endsWith('/chat/completions')).length, 0);
}

/** The same attack does get through where nothing checks. */
async function controlled(page, target) {
  control.seen.length = 0;
  const read = await from(page, target);
  assert.ok(read.some(r => r.includes('secret')), `the page could not even read the control: ${read}`);
  for (const wanted of ['POST /api/chat', 'POST /api/scheduler/jobs', 'GET /api/events', 'GET /api/runtime/status?script', 'GET /api/runtime/status?picture', 'GET /api/runtime/status?frame', 'POST /api/chat?form']) {
    assert.ok(control.seen.includes(wanted), `${wanted} did not reach the control: ${control.seen}`);
  }
}

for (const [what, host] of [['on another port of this machine', 'localhost'], ['on another site', 'evil.example']]) {
  test(`A page ${what} can neither use nor read an instance without a token`, async () => {
    const page = `http://${host}:${pages.port}/`;
    for (const name of ['localhost', '127.0.0.1']) {
      assert.deepEqual(await from(page, `http://${name}:${open.port}`), []);
    }

    await untouched();
    await controlled(page, `http://127.0.0.1:${control.port}`);
  });

  test(`A page ${what} can neither use nor read an instance with a token`, async () => {
    assert.deepEqual(await from(`http://${host}:${pages.port}/`, `http://127.0.0.1:${closed.port}`), []);
    await untouched();
  });
}

test('A page whose name is made to point at the instance (DNS rebinding) gets nothing but refusals', async () => {
  for (const agent of [open, closed]) {
    // Of the same origin as what it asks, so it reads what is said; and that is that the name is not ours.
    const page = `http://rebound.example:${agent.port}/rebound`;
    const read = await from(page, `http://rebound.example:${agent.port}`);
    assert.ok(read.length > 0);
    for (const said of read) assert.match(said, /host_not_allowed/);
  }

  await untouched();
  await controlled(`http://rebound.example:${control.port}/rebound`, `http://rebound.example:${control.port}`);
});

test('A page that got hold of a used ticket can open no stream with it, nor anything else', async () => {
  const { ticket } = await (await closed.post('/api/events/ticket', {}, { authorization: `Bearer ${token}` })).json();
  const first = await closed.fetch(`/api/events?ticket=${ticket}`);
  assert.equal(first.status, 200);
  await first.body.cancel();
  assert.equal((await closed.fetch(`/api/events?ticket=${ticket}`)).status, 401);
  const { ticket: fresh } = await (await closed.post('/api/events/ticket', {}, { authorization: `Bearer ${token}` })).json();
  assert.equal((await closed.fetch(`/api/runtime/status?ticket=${fresh}`)).status, 401);

  // Not even a fresh one from a foreign page.
  const context = await browser.newContext();
  const tab = await context.newPage();
  await tab.goto(`http://evil.example:${pages.port}/`);
  const opened = await tab.evaluate(url => new Promise(done => {
    const source = new EventSource(url);
    source.onopen = () => done(true);
    source.onerror = () => { source.close(); done(false); };
  }), `http://127.0.0.1:${closed.port}/api/events?ticket=${fresh}`);
  await context.close();
  assert.equal(opened, false);
  assert.equal((await closed.fetch('/api/runtime/status')).headers.get('set-cookie'), null);
});

test('The pages of an allowed origin can call, and those of the next port cannot', async () => {
  const friend = await startPages();
  const agent = await sandbox.serve({ instance: 'friendly', env: { ...model.env, A2A_AUTH_TOKEN: token, PROTOAGENT_SERVER__ALLOW_ORIGINS: `http://localhost:${friend.port}` } });
  const ask = async page => {
    const context = await browser.newContext();
    const tab = await context.newPage();
    await tab.goto(page);
    const said = await tab.evaluate(async ([url, secret]) => {
      try {
        const headers = { 'content-type': 'application/json', authorization: `Bearer ${secret}` };
        return (await (await fetch(`${url}/api/chat`, { method: 'POST', headers, body: '{"message":"hello","incognito":true}' })).json()).reply;
      } catch { return 'refused'; }
    }, [agent.url, token]);
    await context.close();
    return said;
  };
  assert.match(await ask(`http://localhost:${friend.port}/`), /hello/);
  assert.equal(await ask(`http://localhost:${pages.port}/`), 'refused');
  await friend.close();
});
