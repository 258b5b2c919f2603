// Every file of dist as the program embeds it: gzipped, beside the original. Refuses a console that has grown too heavy.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const most = 250 * 1024;
const dist = fileURLToPath(new URL('dist', import.meta.url));
let total = 0;
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || entry.name.endsWith('.gz')) continue;
  const path = join(entry.parentPath, entry.name);
  const packed = gzipSync(readFileSync(path), { level: 9 });
  writeFileSync(`${path}.gz`, packed);
  total += packed.length;
}

console.log(`console: ${(total / 1024).toFixed(1)} KB gzipped of ${most / 1024} KB`);
if (total > most) {
  console.error('The console is larger than it may be. Look at what was added: vite build prints each part.');
  process.exit(1);
}
