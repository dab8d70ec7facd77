// What targets share: the built package, and helpers of the tests, which write the files that the package only reads.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const require = createRequire(import.meta.url);

export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A module of dist/, inner ones included. */
export const built = (name) => require(path.join(root, 'dist', `${name}.js`));

const loaded = new Map();

/** A module of test/support, of which what it imports from src is dist's. */
export function fromTests(name) {
  if (!loaded.has(name)) loaded.set(name, transpiled(name));
  return loaded.get(name);
}

function transpiled(name) {
  const file = path.join(root, 'test', 'support', `${name}.ts`);
  const { code } = transformSync(readFileSync(file, 'utf8'), {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  const exports = {};
  const load = (id) => {
    if (id.startsWith('../../src/')) return built(id.slice('../../src/'.length).replace(/\.js$/, ''));
    return id.startsWith('./') ? fromTests(id.slice(2).replace(/\.js$/, '')) : require(id);
  };
  new Function('exports', 'require', code)(exports, load);
  return exports;
}

/** A thing that must not be: thrown by a target, it counts as a crash. */
export function insist(condition, message) {
  if (!condition) throw new Error(message);
}
