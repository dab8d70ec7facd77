import { readSettings } from '../../../src/cli/settings.js';
import { errorOf } from '../../support/errors.js';
import { scratchFolder } from '../../support/files.js';

const folder = scratchFolder();

test('reads every key', () => {
  const all = {
    space: 'nasbench201',
    isomorphism: 'zeros',
    oracle: 'table:t.csv',
    key: ['adjacency', 'ops'],
    missing: 'skip',
    repeated: 'mean',
    pool: 'table',
    objective: ['acc:max'],
    report: ['test', 'params'],
    queries: 100,
    epochs: 1200,
    fidelity: '1/12:early',
    'fidelity-table': 'e.csv',
    reference: ['ms=20'],
    init: 10,
    batch: 5,
    seed: 7,
    method: 'random',
    preset: 'paper',
    proxy: 'mlp',
    concurrency: 2,
    threads: 3,
    out: 'r.json',
    json: true,
    quiet: false,
  };
  expect(readSettings(folder.write('all.json', JSON.stringify(all)))).toEqual(all);
  const yaml = Object.entries(all).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
  expect(readSettings(folder.write('all.yaml', `# a search\n${yaml.join('')}`))).toEqual(all);
});

test('one report may stand without a list; an empty file says nothing', () => {
  expect(readSettings(folder.write('one.yaml', 'report: test_acc\n'))).toEqual({ report: ['test_acc'] });
  expect(readSettings(folder.write('empty.yaml', '# nothing yet\n'))).toEqual({});
});

describe('names file, line and key of', () => {
  test.each<[string, string, RegExp]>([
    [
      'an unknown key',
      'space: digits201\nquerys: 5\n',
      /\.yaml line 2, querys: expected one of space, isomorphism, oracle, .*given "an unknown key"/,
    ],
    ['a flag of the command line', 'debug: true\n', /line 1, debug: expected one of/],
    ['a wrong type', 'space: digits201\n\nqueries: many\n', /line 3, queries: .*expected number.*given "many"/],
    ['a number out of range', 'queries: 0\n', /line 1, queries: .*given 0/],
    ['a fraction', 'seed: 1.5\n', /line 1, seed: .*given 1\.5/],
    ['no objective', 'objective: []\n', /line 1, objective/],
    ['a wrong item', 'report:\n  - a\n  - 3\n', /, report.*/],
    ['an empty value', 'space: digits201\noracle:\n', /line 2, oracle: .*expected string/],
    ['a repeated key', 'seed: 1\nseed: 2\n', /line 2: expected valid YAML, given "Map keys must be unique/],
    ['broken YAML', 'seed: 1\nreport: [a\n', /line \d: expected valid YAML/],
    ['a list', '- a\n- b\n', /expected object/],
    ['a lone word', 'search\n', /expected object/],
    ['an unresolved alias', 'seed: *x\n', /expected valid YAML/],
    [
      'a bomb of aliases',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh'].map((k, i) => `${k}: &${k} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`).join('\n')}\n`,
      /expected/,
    ],
  ])('%s', async (_name, content, message) => {
    const file = folder.write('wrong.yaml', content);
    const error = await errorOf('INVALID_ARGUMENT', () => readSettings(file));
    expect(error.message).toContain(file);
    expect(error.message).toMatch(message);
  });

  test('a file that is not there', async () => {
    const error = await errorOf('INVALID_ARGUMENT', () => readSettings('/no/such.yaml'));
    expect(error.message).toMatch(/^config file: expected a readable YAML file, given "ENOENT.*such\.yaml/);
  });

  test('a folder', async () => {
    const error = await errorOf('INVALID_ARGUMENT', () => readSettings(folder.path));
    expect(error.message).toMatch(/^config file: expected a readable YAML file, given "EISDIR/);
  });
});
