// clang-format over all C++ of the project; `--check` only reports.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { root, run } from './process.mjs';

const files = readdirSync(path.join(root, 'native'), { recursive: true })
  .filter((file) => /\.(cpp|cu|h|inl)$/.test(file))
  .map((file) => path.join('native', file));
const mode = process.argv.includes('--check') ? ['--dry-run', '-Werror'] : ['-i'];
process.exitCode = run('npx', ['clang-format', '--style=file', ...mode, ...files]) ? 0 : 1;
