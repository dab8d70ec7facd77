/** @jest-environment <rootDir>/test/support/package-environment.js */
import type { SearchResult } from '../../src/report/result.js';
import { spaces } from '../../src/space/index.js';
import { cli, errorLine, searchJson } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';
import { linearModel, writeModel } from '../support/models.js';

jest.mock('../../src/packages.js', () => {
  const { nodePackages } = jest.requireActual<typeof import('../support/packages.js')>('../support/packages.js');
  return nodePackages;
});

const folder = scratchFolder();
const space = spaces.digits201();
/** Milliseconds of each operation, as somebody else's model of one-hot rows has them. */
const cost = { none: 0, skip_connect: 0.125, nor_conv_1x1: 0.5, nor_conv_3x3: 2, avg_pool_3x3: 0.75 };
const millisecondsOf = (architecture: string): number =>
  Object.entries(cost).reduce((sum, [name, ms]) => sum + ms * (architecture.split(name).length - 1), 0);
let description: string;

beforeAll(async () => {
  const weights = Array.from({ length: 6 }, () => Object.values(cost)).flat();
  await writeModel(folder.path, 'edge.onnx', linearModel(weights, { input: 'one_hot_ops', shape: [6, 5] }));
  const codes = JSON.stringify(Object.fromEntries(Object.keys(cost).map((name, i) => [name, i])));
  description = folder.write(
    'edge.yaml',
    `model: edge.onnx\ninputs:\n  one_hot_ops: { from: one-hot, codes: ${codes} }\n`,
  );
});

const args = (limit: string): string[] => ['--space', 'digits201', '--metric', `ms=onnx:${description}`, '--constraint', limit]; // prettier-ignore

test('a search asks only what a model lets pass, whatever the method', async () => {
  for (const method of ['optiproxy', 'evolution', 'random']) {
    const result = await searchJson([...args('ms<=4'), '--queries', '15', '--method', method]);
    expect(result.queries).toBe(15);
    for (const { architecture, metrics } of result.trace) {
      expect(metrics['ms']).toBe(millisecondsOf(architecture));
      expect(metrics['ms']).toBeLessThanOrEqual(4);
    }
  }
});

test('a model can be an objective, and two can be constraints', async () => {
  const both = [...args('ms<=6'), '--metric', `least=onnx:${description}`, '--constraint', 'least>=1', '--objective', 'val_acc', '--objective', 'ms:min', '--queries', '12']; // prettier-ignore
  const { front, trace } = await searchJson(both);
  expect(front!.length).toBeGreaterThan(0);
  for (const { metrics } of trace) {
    expect(metrics['ms']).toBe(metrics['least']);
    expect(metrics['ms']! >= 1 && metrics['ms']! <= 6).toBe(true);
  }
});

test('nothing feasible ends with status 3', async () => {
  const { status, stdout } = await cli(['search', ...args('ms<=-1'), '--queries', '5', '--quiet', '--json']);
  expect([status, (JSON.parse(stdout) as SearchResult).stopped]).toEqual([3, 'infeasible']);
});

test('methods are compared under a model', async () => {
  const flags = ['--methods', 'optiproxy,random', '--seeds', '2', '--queries', '6', '--workers', '1', '--quiet', '--json']; // prettier-ignore
  const { status, stdout, stderr } = await cli(['compare', ...args('ms<=4'), ...flags]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const all = Array.from({ length: space.size }, (_, i) => i);
  const feasible = all.filter((i) => {
    const genes = Array.from({ length: 6 }, (__, g) => Math.floor(i / 5 ** g) % 5);
    return millisecondsOf(space.format(Uint8Array.from(genes))) <= 4;
  });
  const { tasks } = JSON.parse(stdout) as { tasks: { population: { size: number } }[] };
  expect(tasks[0]!.population.size).toBe(feasible.length);
});

test('what is wrong with a model is told in one line, before any query', async () => {
  const search = ['search', '--space', 'digits201', '--queries', '5', '--quiet', '--constraint', 'ms<=4', '--metric'];
  const line = async (metric: string): Promise<string> => errorLine(await cli([...search, metric]), { status: 2 });
  expect(await line('ms=onnx:nope.onnx')).toContain('nope.onnx: expected an ONNX file, given "ENOENT');
  expect(await line(`ms=onnx:${folder.path}/edge.onnx`)).toContain('inputs of edge.onnx: expected what one_hot_ops is fed with'); // prettier-ignore
  expect(await line(`ms=onx:${description}`)).toContain('--metric: expected NAME=table:FILE');
});

test('without onnxruntime-node it is said how to get it', async () => {
  const hook = folder.write('hide.cjs', `const { Module } = require('node:module');
const load = Module._load;
Module._load = (name, ...rest) => {
  if (name === 'onnxruntime-node') throw new Error("Cannot find module 'onnxruntime-node'");
  return load(name, ...rest);
};`); // prettier-ignore
  const run = await cli(['search', ...args('ms<=4'), '--queries', '5'], { env: { NODE_OPTIONS: `--require ${hook}` } });
  expect(errorLine(run, { status: 1 })).toBe("onnxruntime-node: expected the package, which runs ONNX models, given \"Cannot find module 'onnxruntime-node'\" (hint: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node)"); // prettier-ignore
});
