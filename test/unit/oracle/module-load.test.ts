// jest has a module loader of its own, which cannot import an ES module: these tests load with Node's, in a process of
// their own that runs the two compiled sources.
import { transformFileSync } from '@swc/core';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { scratchFolder } from '../../support/files.js';

const folder = scratchFolder();
const sources = path.join(__dirname, '..', '..', '..', 'src');

beforeAll(() => {
  mkdirSync(path.join(folder.path, 'oracle'));
  for (const name of ['errors', 'oracle/module']) {
    const { code } = transformFileSync(path.join(sources, `${name}.ts`), {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs', ignoreDynamic: true },
    });
    folder.write(`${name}.js`, code);
  }
});

interface Outcome {
  answer?: unknown;
  code?: string;
  message?: string;
  cause?: string;
}

/** What loading a module and querying it once comes to. */
function load(name: string, content: string, given = path.join(folder.path, name)): Outcome {
  folder.write(name, content);
  const script = `
    const { moduleOracle } = require(${JSON.stringify(path.join(folder.path, 'oracle', 'module.js'))});
    moduleOracle(${JSON.stringify(given)})
      .then((oracle) => oracle('cell', { seed: 7, budget: 1, signal: new AbortController().signal }))
      .then((answer) => ({ answer }), ({ code, message, cause }) => ({ code, message, cause: cause && String(cause) }))
      .then((outcome) => console.log(JSON.stringify(outcome)));`;
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd: folder.path, encoding: 'utf8' })) as Outcome;
}

test.each<[string, string]>([
  ['esm.mjs', 'export default async (architecture, { seed }) => ({ architecture, seed });'],
  ['common.cjs', 'module.exports = async (architecture, { seed }) => ({ architecture, seed });'],
  ['plain.js', 'module.exports = (architecture, { seed }) => ({ architecture, seed });'],
  [
    'compiled.cjs',
    'exports.__esModule = true; exports.default = (architecture, { seed }) => ({ architecture, seed });',
  ],
  ['awaits.mjs', 'await null; export default (architecture, { seed }) => ({ architecture, seed });'],
  ['with space #1%20.mjs', 'export default (architecture, { seed }) => ({ architecture, seed });'],
])('%s answers', (name, content) => {
  expect(load(name, content)).toEqual({ answer: { architecture: 'cell', seed: 7 } });
});

test('a relative path is one of the working directory', () => {
  const content = 'export default () => ({ acc: 1 });';
  expect(load('here.mjs', content, 'here.mjs')).toEqual({ answer: { acc: 1 } });
});

test.each<[string, string, RegExp]>([
  ['named.mjs', 'export const oracle = () => 1;', /expected a default export \(architecture, .*given "undefined"/],
  ['number.mjs', 'export default 5;', /expected a default export .*given "number"/],
  ['null.cjs', 'module.exports = null;', /expected a default export .*given/],
  ['object.cjs', 'module.exports = { oracle() {} };', /expected a default export .*given "object"/],
  ['empty.mjs', '', /expected a default export/],
  ['throws.mjs', "throw new Error('no GPU');", /expected a module that loads, given "no GPU"/],
  ['throws-text.mjs', "throw 'no GPU';", /expected a module that loads, given "no GPU"/],
  ['rejects.mjs', "await Promise.reject(new Error('late'));", /expected a module that loads, given "late"/],
  ['syntax.mjs', 'export default (;', /expected a module that loads, given "Unexpected token/],
  ['needs.mjs', "import 'no-such-package-at-all';", /expected a module that loads, given "Cannot find package/],
])('%s is refused, naming the file and what is wrong', (name, content, message) => {
  const outcome = load(name, content);
  expect(outcome).toMatchObject({ code: 'INVALID_ARGUMENT' });
  expect(outcome.message).toContain(`oracle module ${path.join(folder.path, name)}: `);
  expect(outcome.message).toMatch(message);
});

test('what a module threw is the cause', () => {
  expect(load('cause.mjs', "throw new TypeError('no GPU');").cause).toBe('TypeError: no GPU');
});

test('a folder is refused', () => {
  const outcome = load('unused.mjs', '', folder.path);
  expect(outcome).toMatchObject({ code: 'INVALID_ARGUMENT' });
});
