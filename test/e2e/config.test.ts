import { existsSync } from 'node:fs';
import path from 'node:path';
import { cli, errorLine, searchJson } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';

const folder = scratchFolder();
const sound = 'space: digits201\nmethod: random\nqueries: 6\n';

/** The one line that `search` says about a config file of this content, without the file's name. */
async function refused(content: string, ...flags: string[]): Promise<string> {
  const file = folder.write('search.yaml', content);
  const line = errorLine(await cli(['search', file, ...flags]), { status: 2 });
  return line.replaceAll(file, 'search.yaml');
}

describe('wrong config files: status 2, one line that names file, line and key', () => {
  test.each<[string, string, RegExp]>([
    ['an unclosed bracket', `${sound}report: [val_acc\nseed: 1\n`, /^search\.yaml line [45]: expected valid YAML/],
    ['a tab', 'space: digits201\n\tqueries: 5\n', /^search\.yaml line [12]: expected valid YAML/],
    ['a key twice', `${sound}queries: 7\n`, /^search\.yaml line 4: expected valid YAML, given ".*unique/],
    ['an alias of nothing', `${sound}seed: *none\n`, /^search\.yaml.*: expected valid YAML, given /],
    ['text', 'just words\n', /^search\.yaml.*expected/],
    ['a list', '- space\n- digits201\n', /^search\.yaml.*expected/],
    ['an unknown key', `${sound}budget: 5\n`, /^search\.yaml line 4, budget: expected one of space, isomorphism, .*given "an unknown key"$/], // prettier-ignore
    ['a flag as key', `${sound}--seed: 5\n`, /^search\.yaml line 4, --seed: expected one of .*given "an unknown key"$/],
    [
      'text for a number',
      'space: digits201\nqueries: many\n',
      /^search\.yaml line 2, queries: .*number.*given "many"$/,
    ],
    ['a fraction', 'space: digits201\nqueries: 1.5\n', /^search\.yaml line 2, queries: .*given 1\.5$/],
    ['a budget of 0', 'queries: 0\nspace: digits201\n', /^search\.yaml line 1, queries: .*>=1.*given 0$/],
    ['a negative seed', `${sound}seed: -1\n`, /^search\.yaml line 4, seed: .*given -1$/],
    ['infinity', `${sound}seed: .inf\n`, /^search\.yaml line 4, seed: .*given Infinity$/],
    ['a number for text', `${sound}preset: 5\n`, /^search\.yaml line 4, preset: .*string.*given 5$/],
    ['text for a switch', `${sound}json: "yes"\n`, /^search\.yaml line 4, json: .*boolean.*given "yes"$/],
    ['nothing for text', `${sound}objective:\n`, /^search\.yaml line 4, objective: .*given null$/],
    ['0 threads', `${sound}threads: 0\n`, /^search\.yaml line 4, threads: .*given 0$/],
  ])('%s', async (_name, content, message) => {
    expect(await refused(content)).toMatch(message);
  });

  test('values that only the search can judge', async () => {
    expect(await refused('space: elsewhere\nqueries: 5\n')).toMatch(/expected one of digits201, nasbench201, .*, given "elsewhere"/); // prettier-ignore
    expect(await refused(`${sound}threads: 257\n`)).toMatch(
      /threads: expected a whole number from 1 to 256, given 257/,
    );
    expect(await refused(`${sound}batch: 100001\n`)).toMatch(/batch: expected a whole number from 1 to 100000/);
    expect(await refused(`${sound}objective: a:b\n`)).toMatch(/--objective: expected METRIC, METRIC:max or METRIC:min/);
    expect(await refused('queries: 5\n')).toMatch(/--space: expected a value/);
    expect(await refused('')).toMatch(/--space: expected a value/);
  });

  test('a flag does not make a wrong file right', async () => {
    expect(await refused('space: digits201\nqueries: many\n', '--queries', '5')).toMatch(/line 2, queries/);
  });

  test('a folder, and a file of bytes', async () => {
    const line = errorLine(await cli(['search', folder.path]), { status: 2 });
    expect(line).toMatch(/^config file: expected a readable YAML file, given "EISDIR/);
    const bytes = folder.write(
      'bytes.yaml',
      Uint8Array.from({ length: 4096 }, (_, i) => (i * 37) % 256),
    );
    errorLine(await cli(['search', bytes]), { status: 2 });
  });
});

test('an empty file and flags, JSON instead of YAML, Windows line ends', async () => {
  const empty = folder.write('empty.yaml', '# nothing yet\n');
  expect(await searchJson([empty, '--space', 'digits201', '--queries', '3'])).toMatchObject({ queries: 3 });
  const json = folder.write('search.json', '{ "space": "digits201", "queries": 4, "seed": 9 }');
  expect(await searchJson([json])).toMatchObject({ queries: 4, seed: 9 });
  const windows = folder.write('windows.yaml', sound.replaceAll('\n', '\r\n'));
  expect(await searchJson([windows])).toMatchObject({ queries: 6, method: 'random' });
});

test('every key of a file may be won over by its flag', async () => {
  const out = path.join(folder.path, 'from-flag.json');
  const file = folder.write(
    'all.yaml',
    'space: nasbench201\noracle: table:none.csv\nobjective: none\nreport: none\nqueries: 1\ninit: 1\nbatch: 1\nseed: 1\n' +
      'method: random\npreset: paper\nproxy: gcn\nconcurrency: 1\nthreads: 1\nout: from-file.json\n',
  );
  const table = folder.write('table.csv', `arch,acc,size\n${await allRows()}`);
  const flags = ['--oracle', `table:${table}`, '--objective', 'acc:min', '--report', 'size', '--queries', '8'];
  const more = [
    '--init',
    '6',
    '--batch',
    '2',
    '--seed',
    '2',
    '--method',
    'optiproxy',
    '--preset',
    'default',
    '--proxy',
    'mlp',
  ];
  const rest = ['--concurrency', '2', '--threads', '2', '--out', out, '--json', '--quiet'];
  const { status, stdout, stderr } = await cli(['search', file, ...flags, ...more, ...rest], { cwd: folder.path });
  expect({ status, stderr }).toEqual({ status: 0, stderr: `optiproxy: wrote ${out}\n` });
  const result = JSON.parse(stdout) as { trace: { round: number; metrics: object }[] };
  expect(result).toMatchObject({
    space: 'nasbench201',
    method: 'optiproxy',
    preset: 'default',
    proxy: 'mlp',
    seed: 2,
    queries: 8,
  });
  expect(result.trace.map(({ round }) => round)).toEqual([0, 0, 0, 0, 0, 0, 1, 1]);
  expect(Object.keys(result.trace[0]!.metrics)).toEqual(['acc', 'size']);
  expect(existsSync(path.join(folder.path, 'from-file.json'))).toBe(false);
});

/** A row for each of the 15,625 architectures, of the kind that a table holds. */
async function allRows(): Promise<string> {
  const everything = [
    'search',
    '--space',
    'digits201',
    '--isomorphism',
    'encoding',
    '--method',
    'random',
    '--queries',
    '15625',
    '--batch',
    '15625',
  ];
  const { stdout } = await cli([...everything, '--json', '--quiet']);
  const { trace } = JSON.parse(stdout) as { trace: { architecture: string; metrics: { val_acc: number } }[] };
  return trace.map((t, i) => `${t.architecture},${t.metrics.val_acc},${i}`).join('\n');
}
