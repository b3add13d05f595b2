// Builds the page's script, the extras and every room of widgets (the folders of src/notes with an index.ts) into dist:
// node build.mjs [ROOM...] builds only those rooms.

import { existsSync, readdirSync } from 'node:fs';
import { build } from 'vite';

const rooms = readdirSync('src/notes', { withFileTypes: true })
  .filter((one) => one.isDirectory() && existsSync(`src/notes/${one.name}/index.ts`))
  .map((one) => one.name)
  .sort();
const only = process.argv.slice(2);
const modes = only.length ? only : ['production', 'extras', ...rooms];
for (const mode of modes) await build({ mode, logLevel: 'warn' });
