import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { program, Sandbox, signal, startModel, until } from '../clients/harness.mjs';

const run = promisify(execFile);
const scripts = {
  bash: `source <("$P" completion bash); complete_it() { COMP_LINE="$1"; COMP_POINT=\${#1}; COMP_WORDS=($1); [[ "$1" == *" " ]] && COMP_WORDS+=(""); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); _protoagent_complete; printf '%s\\n' "\${COMPREPLY[@]}"; }; complete_it "$L"`,
  zsh: `autoload -Uz compinit && compinit -u -D; source <("$P" completion zsh); compadd() { shift; print -l -- "$@"; }; _files() { print FILES; }; LBUFFER="$L"; command="\${L##*&& }"; words=(\${=command}); while [[ "$words[1]" == *=* ]]; do shift words; done; [[ "$L" == *" " ]] && words+=(""); CURRENT=$#words; PREFIX="$words[-1]"; _protoagent`,
  fish: `protoagent completion fish | source; complete -C "$L"`,
};

let sandbox, model, agent, path;
const gate = signal();
before(async () => {
  sandbox = new Sandbox();
  model = await startModel(request => {
    const said = JSON.stringify(request.messages);
    if (said.includes('steer me')) return 'Red \u001b[31mherring\u001b]0;TITLE\u0007, \u009b1mand\r no end';
    if (said.includes('slowly')) return (async function* () { yield 'It begins'; await gate; yield ' and ends.'; })();
    if (said.includes('ask me')) return request.messages.at(-1).role === 'tool' ? { text: `You said ${request.messages.at(-1).content}.` } : { calls: [{ name: 'ask_human', arguments: { question: 'Which \u001b[32mcolour?' } }] };
    return '# Heading\n\nSome **bold** and `code`.\n\n- one\n- two\n\n```js\nlet x = 1;\n```\n';
  });
  agent = await sandbox.serve({ instance: 'alice', env: model.env });
  await agent.post('/api/scheduler/jobs', { prompt: 'water the plants', schedule: '0 9 * * *', job_id: 'water-plants' });
  path = sandbox.folder('bin');
  symlinkSync(program, join(path, 'protoagent'));
});
after(async () => {
  await sandbox?.close();
  await model?.close();
});

const environment = () => sandbox.environment({ PROTOAGENT_INSTANCE: 'alice', PATH: `${path}:/usr/local/bin:/usr/bin:/bin`, TERM: 'xterm-256color' });

test('Completion offers nothing, and never complains, where a line can\'t be read', async () => {
  for (const line of ['protoagent jobs add --overlap=s', 'protoagent knowledge delete --source ', 'protoagent knowledge delete abc ']) {
    const { stderr } = await run(join(path, 'protoagent'), [`[suggest:${line.length}]`, line], { env: environment(), cwd: sandbox.work });
    assert.equal(stderr, '', line);
  }
});

test('An option without its value is a mistake in the call', async () => {
  const failed = await run(join(path, 'protoagent'), ['knowledge', 'delete', '--source'], { env: environment(), cwd: sandbox.work }).then(() => null, e => e);
  assert.equal(failed?.code, 2);
  assert.doesNotMatch(failed.stderr, /defect|Exception| at /);
});

for (const shell of ['bash', 'zsh', 'fish']) {
  test(`${shell} completes commands, options, ids and names`, async () => {
    const complete = async line => (await run(shell, [...(shell === 'zsh' ? ['-f'] : shell === 'fish' ? ['--no-config'] : ['--norc']), '-c', scripts[shell]], {
      env: { ...environment(), P: join(path, 'protoagent'), L: line }, cwd: sandbox.work,
    })).stdout.split('\n').map(l => l.split('\t')[0]).filter(Boolean);
    assert.deepEqual(await complete('protoagent ser'), ['serve']);
    assert.ok((await complete('protoagent jobs ')).includes('pause'));
    assert.ok((await complete('protoagent ps --w')).includes('--watch'));

    // Nothing is offered when the instance is late to say what there is: one presses Tab again.
    const offered = (line, word) => until(async () => (await complete(line)).includes(word), `'${word}' behind '${line}'`);
    await offered('protoagent jobs show wat', 'water-plants');
    await offered('protoagent workflows show deep', 'deep-research');

    // What has the word somewhere within does not begin with it: files are offered, and where nothing is known.
    writeFileSync(join(sandbox.work, 'dossier.md'), 'A dossier.');
    assert.deepEqual(await complete('protoagent knowledge ingest d'), { bash: [], zsh: ['FILES'], fish: ['dossier.md'] }[shell]);
    assert.deepEqual(await complete('protoagent knowledge show dos'), { bash: [], zsh: ['FILES'], fish: ['dossier.md'] }[shell]);
    assert.deepEqual(await complete('protoagent jobs add --overlap=s'), shell === 'zsh' ? ['FILES'] : []);

    // Bash hands over the command alone.
    if (shell !== 'bash') {
      assert.ok((await complete('PROTOAGENT_INSTANCE=alice protoagent jobs ')).includes('pause'));
      await offered('true x && protoagent jobs show wat', 'water-plants');
    }
  });
}

/** The command on a terminal of its own: what it shows, with the codes that steer a terminal. */
async function onTerminal(args, { type = [], interruptAt, env = {} } = {}) {
  const child = spawn('script', ['-qec', `stty cols 80 rows 24; exec protoagent ${args}`, '/dev/null'], { env: { ...environment(), ...env }, cwd: sandbox.work });
  let shown = '', code;
  child.stdout.on('data', piece => { shown += piece; });
  child.once('close', ended => { code = ended; });
  const wait = (condition, what) => until(condition, what).catch(e => { throw new Error(`${e.message} The terminal shows ${JSON.stringify(shown)}.`); });
  const see = when => wait(() => when instanceof RegExp ? when.test(shown) : shown.includes(when), `'${when}' on the terminal`);
  try {
    for (const [when, what] of type) {
      await see(when);
      child.stdin.write(what);
    }
    if (interruptAt) {
      await see(interruptAt);
      child.stdin.write('\u0003');
    }
    await wait(() => code !== undefined, `The end of ${args}`);
  } finally {
    child.kill();
  }
  return { code, shown };
}

test('A chat on a terminal shows Markdown with its forms, and no code where NO_COLOR is set or nobody looks', async () => {
  const { code, shown } = await onTerminal('chat hello');
  assert.equal(code, 0, shown);
  assert.match(shown, /\u001b\[1;4mHeading/);
  assert.match(shown, /\u001b\[1mbold\u001b\[0m/);
  assert.match(shown, /• /);
  const plain = await onTerminal('chat hello', { env: { NO_COLOR: '1' } });
  assert.match(plain.shown, /Some \*\*bold\*\*/);
  assert.doesNotMatch(plain.shown, /\u001b\[[0-9;]*m/);
  const { stdout } = await run(join(path, 'protoagent'), ['chat', 'hello'], { env: environment(), cwd: sandbox.work });
  assert.match(stdout, /^# Heading\n\nSome \*\*bold\*\*/);
});

test('A question is asked and answered on the terminal', async () => {
  const { code, shown } = await onTerminal('chat "ask me"', { type: [['answer: ', 'blue\r']] });
  assert.equal(code, 0, shown);
  assert.match(shown, /\? Which \[32mcolour\?/);
  assert.match(shown, /You said .*blue/);
  assert.doesNotMatch(shown, /blue\s+blue/, 'what is typed as soon as it is asked for is shown once');
});

test('Ctrl-C ends the turn and not what was said before', async () => {
  const { code, shown } = await onTerminal('chat --session slow slowly', { interruptAt: 'It begins' });
  assert.equal(code, 1, shown);
  assert.match(shown, /the turn ended cancelled/);
  gate.done();
  assert.deepEqual((await agent.get('/api/chat/sessions/slow/messages')).items.filter(m => m.role === 'user').map(m => m.text), ['slowly']);
});

test('ps --watch tells who comes and goes where nobody looks, and draws a table where somebody does', async () => {
  const watching = sandbox.command(['ps', '--watch']);
  let told = '';
  watching.stdout.on('data', piece => { told += piece; });
  await until(() => told.includes('live  alice'), 'alice');
  const bob = await sandbox.serve({ instance: 'bob', env: model.env });
  await until(() => told.includes('live  bob'), 'bob');
  const twin = await sandbox.serve({ instance: 'bob', env: model.env });
  await until(() => /changed {2}bob .*warnings .*live_sibling/.test(told), 'what stands in its way');
  await twin.kill();
  await bob.kill();
  await until(() => told.includes('gone  bob'), 'bob\'s end');
  watching.kill('SIGINT');
  assert.equal(await new Promise(done => watching.once('exit', done)), 0);
  const { code, shown } = await onTerminal('ps --watch', { interruptAt: 'alice' });
  assert.equal(code, 0, shown);
  assert.match(shown, /SCHEDULER *WARNINGS/);
  const row = shown.split('\n').find(l => l.includes('alice'));
  assert.match(row, new RegExp(`alice.* ${agent.pid ?? '\\d+'} +\\d+ +\\d`));
});

test('What others wrote does not steer the terminal, and is a file\'s as it is', async () => {
  const text = 'Post \u001b[31mherring\u001b]0;TITLE\u0007';
  await agent.post('/api/inbox', { text, priority: 'later', source: 'elsewhere' });
  const steered = /\u001b\[3[12]m|\u001b\]|\u009b|\r(?!\n)/;
  const listed = await onTerminal('inbox');
  assert.match(listed.shown, /Post \[31mherring/);
  assert.doesNotMatch(listed.shown, steered);
  const { stdout } = await run(join(path, 'protoagent'), ['inbox'], { env: environment(), cwd: sandbox.work });
  assert.ok(stdout.includes(text), stdout);
  const plain = await onTerminal('chat "steer me"', { env: { NO_COLOR: '1' } });
  assert.match(plain.shown, /Red \[31mherring/);
  assert.doesNotMatch(plain.shown, steered);
});

test('A plain answer ends with its line', async () => {
  const { code, shown } = await onTerminal('chat', { env: { NO_COLOR: '1' }, type: [['> ', 'steer me\r'], [/no end\s+> /, '\r']] });
  assert.equal(code, 0, shown);
  assert.match(shown, /no end\r?\n> /);
  assert.doesNotMatch(shown, /steer me\s+steer me/, 'what is typed at a prompt is shown once');
});

test('A document too large is one that failed, and the rest are taken in', async () => {
  const folder = sandbox.folder('work/papers');
  writeFileSync(join(folder, 'a-large.txt'), Buffer.alloc(60 << 20, 'large '));
  writeFileSync(join(folder, 'b-small.txt'), 'The kettle is red.');
  const failed = await run(join(path, 'protoagent'), ['knowledge', 'ingest', folder], { env: environment(), cwd: sandbox.work }).then(() => null, e => e);
  assert.equal(failed?.code, 1, failed?.stderr);
  assert.match(failed.stdout, /^1 of 2 documents are in/);
  assert.match(failed.stderr, /a-large\.txt: .*more than \d+ bytes.*knowledge\.max_document_bytes/);
});

test('Ctrl-C amidst documents gives the cursor back', async () => {
  const folder = sandbox.folder('work/many');
  for (let i = 0; i < 400; i++) writeFileSync(join(folder, `${i}.txt`), `The kettle number ${i} is red. `.repeat(200));
  const { shown } = await onTerminal('knowledge ingest many', { interruptAt: '\u001b[?25l' });
  assert.ok(shown.lastIndexOf('\u001b[?25h') > shown.lastIndexOf('\u001b[?25l'), shown);
  assert.doesNotMatch(shown, /documents are in/);
});

test('ps --watch ends with whoever reads it', async () => {
  const { stdout } = await run('sh', ['-c', 'timeout 30 protoagent ps --watch | head -1; exit 0'], { env: environment(), cwd: sandbox.work, timeout: 20_000 });
  assert.match(stdout, /^live {2}alice/);
});

test('The console is packed wherever it lies', async () => {
  const folder = sandbox.folder('a folder');
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist/index.html'), '<!doctype html>');
  copyFileSync(fileURLToPath(new URL('../../console/pack.mjs', import.meta.url)), join(folder, 'pack.mjs'));
  await run('node', [join(folder, 'pack.mjs')]);
  assert.ok(existsSync(join(folder, 'dist/index.html.gz')));
});
