import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cli, errorLine, searchJson } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';

const folder = scratchFolder();
const digits = ['--space', 'digits201', '--preset', 'networks', '--seed', '1', '--threads', '1'];

test('what a search learnt is a model that the next one knows a metric by, unit and all', async () => {
  const model = path.join(folder.path, 'models', 'val_acc.onnx');
  const { status, stderr } = await cli(['search', ...digits, '--queries', '30', '--quiet', '--export', model]);
  expect([status, stderr]).toEqual([0, `optiproxy: wrote ${model}\n`]);
  const limited = ['--objective', 'train_seconds:min', '--unit', 'train_seconds=s', '--metric', `val_acc=onnx:${model}`, '--constraint', 'val_acc>=96']; // prettier-ignore
  const result = await searchJson(['--space', 'digits201', ...limited, '--queries', '10', '--seed', '1']);
  expect(result.units).toMatchObject({ val_acc: '%', train_seconds: 's' });
  expect(result.trace).toHaveLength(10);
  for (const { metrics } of result.trace) expect(metrics['val_acc']).toBeGreaterThanOrEqual(96);
  const { stdout } = await cli(['search', '--space', 'digits201', ...limited, '--queries', '10', '--seed', '1', '--quiet']); // prettier-ignore
  expect(stdout).toContain('Constraints: val_acc>=96 %\n');
  expect(stdout).toMatch(/train_seconds {2}[\d.]+ s\n/);
});

const never = path.join(folder.path, 'never.onnx');
const networks = ['--preset', 'networks'];

test.each<[string, string[], number, RegExp]>([
  ['a method without networks', ['--method', 'random'], 2, /--export: expected a search by graph networks \(gcn\) for a single objective.*given "20 queries by random/], // prettier-ignore
  ['another network', ['--proxy', 'mlp'], 2, /proxy mlp"/],
  ['several objectives', [...networks, '--objective', 'val_acc', '--objective', 'flops:min'], 2, /--export: expected a search by graph/], // prettier-ignore
  ['a limit that only a query tells', [...networks, '--constraint', 'params<=9000'], 2, /whose limits are known before a query/], // prettier-ignore
  ['too few queries', [], 2, /--export: expected at least 258 queries: before, its graph networks have learnt nothing, given "20 queries by optiproxy, preset default/], // prettier-ignore
  ['a folder', [...networks, '--export', folder.path], 2, /--export: expected a file that can be written/],
  ['the file of the result', [...networks, '--out', never], 2, /--export: expected another file than --out/],
  ['a unit without a metric', ['--unit', '=ms'], 2, /--unit: expected METRIC=UNIT, given "=ms" \(hint: like --unit latency_ms=ms\)/], // prettier-ignore
])('refuses %s before the first query', async (_name, flags, status, message) => {
  const run = await cli(['search', '--space', 'digits201', '--queries', '20', '--quiet', '--export', never, ...flags]);
  expect(errorLine(run, { status })).toMatch(message);
  expect(existsSync(never)).toBe(false);
});

test('what is interrupted before anything is learnt keeps its result, and says that there is no model', async () => {
  const oracle = folder.write('slow.mjs', 'export default () => new Promise((done) => setTimeout(() => done({ val_acc: 1 }), 200));'); // prettier-ignore
  const flags = ['--objective', 'val_acc', '--oracle', `module:${oracle}`, ...networks, '--queries', '20', '--json', '--quiet', '--export', never]; // prettier-ignore
  const run = await cli(['search', '--space', 'digits201', ...flags], {
    during: (child) => setTimeout(() => child.kill('SIGINT'), 1500),
  });
  expect(JSON.parse(run.stdout)).toMatchObject({ stopped: 'aborted' });
  expect(errorLine(run, { status: 2, stdout: run.stdout })).toMatch(/^proxy to export: expected at least 11 queries/);
  expect(existsSync(never)).toBe(false);
});

test('a unit that contradicts the model is refused', async () => {
  const model = path.join(folder.path, 'acc.onnx');
  await cli(['search', ...digits, '--queries', '15', '--quiet', '--export', model]);
  writeFileSync(path.join(folder.path, 'search.yaml'), `space: digits201\nobjective: train_seconds:min\nmetric: val_acc=onnx:${model}\nconstraint: val_acc>=0.9\nunit: val_acc=share\nqueries: 5\n`); // prettier-ignore
  const run = await cli(['search', path.join(folder.path, 'search.yaml'), '--quiet']);
  expect(errorLine(run, { status: 2 })).toMatch(/^--unit\.val_acc: expected %, given "share"/);
});
