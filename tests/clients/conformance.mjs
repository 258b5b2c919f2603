// A reporter of node's test runner that writes docs/conformance.md: what passes, by whom it is asked, as the run found it.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const packages = JSON.parse(readFileSync(new URL('package.json', import.meta.url))).devDependencies;

export default async function* report(events) {
  const files = new Map();
  for await (const { type, data } of events) {
    if ((type !== 'test:pass' && type !== 'test:fail') || !data.file?.endsWith('.test.mjs') || data.name === data.file) continue;
    if (data.details?.type === 'suite') continue;
    if (!files.has(data.file)) files.set(data.file, []);
    const how = data.skip !== undefined ? 'skipped' : data.todo !== undefined ? 'to do' : type === 'test:pass' ? 'passes' : '**fails**';
    files.get(data.file).push({ name: data.name, how });
  }

  yield '# What other people\'s clients can do with it\n\n';
  yield 'Made by the run (`npm test` in `tests/clients`), not by hand: every line is a scenario that a client written elsewhere, unchanged, '
    + 'or a protocol\'s own conformance suite, went through with a running instance.\n\n';
  const all = [...files].filter(([file]) => basename(file) !== 'harness.test.mjs').sort(([a], [b]) => a < b ? -1 : 1);
  yield '| client | passes | does not |\n|---|---:|---:|\n';
  for (const [file, tests] of all) {
    const passed = tests.filter(t => t.how === 'passes').length;
    yield `| ${used(file)} | ${passed} | ${tests.length - passed} |\n`;
  }

  for (const [file, tests] of all) {
    yield `\n## ${used(file)}\n\n| scenario (\`tests/clients/${basename(file)}\`) | |\n|---|---|\n`;
    for (const { name, how } of tests.sort((a, b) => a.name < b.name ? -1 : 1)) {
      yield `| ${name.replaceAll('|', '\\|').replaceAll('\n', ' ')} | ${how} |\n`;
    }
  }
}

/** The packages a file of tests uses, with the versions it uses. */
function used(file) {
  const text = readFileSync(file, 'utf8');
  const names = Object.keys(packages).filter(name => text.includes(`'${name}`) || text.includes(`node_modules/${name}`));
  return names.length ? names.map(name => `${name} ${packages[name]}`).join(', ') : basename(file, '.test.mjs');
}
