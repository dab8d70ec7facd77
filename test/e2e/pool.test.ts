import { native } from '../../src/native.js';
import { spaces } from '../../src/space/index.js';
import { cli, errorLine, searchJson } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';

const folder = scratchFolder();
const space = spaces.digits201();
const digits = ['--space', 'digits201'];

/** Fifty architectures, each another by the space's rule. */
const fifty = ((): string[] => {
  const pool = new (native().Pool)(space.program);
  pool.addUniform(50, 5, 0);
  const genes = pool.candidates();
  pool.close();
  return Array.from({ length: 50 }, (_, i) => space.format(genes.slice(6 * i, 6 * i + 6)));
})();

const asked = async (...args: string[]): Promise<string[]> =>
  (await searchJson(args)).trace.map(({ architecture }) => architecture);

describe('only the architectures of a pool are asked, each once', () => {
  const list = folder.write('pool.txt', `\n${fifty.join('\n')}\n\n`);

  test.each(['optiproxy', 'random', 'local-search', 'evolution', 'tpe', 'bananas'])('by %s', async (method) => {
    const architectures = await asked(...digits, '--pool', list, '--method', method, '--queries', '30', '--seed', '1');
    expect(architectures).toHaveLength(30);
    expect(new Set(architectures).size).toBe(30);
    for (const architecture of architectures) expect(fifty).toContain(architecture);
  });

  test('until none is left, which is warned of', async () => {
    const args = ['search', ...digits, '--pool', list, '--queries', '60', '--quiet', '--json'];
    const { status, stdout, stderr } = await cli(args);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr:
        'optiproxy: --queries: expected at most 50 (the size of the pool), given 60; the search ends when the pool is exhausted\n',
    });
    const { trace, stopped } = JSON.parse(stdout) as { trace: { architecture: string }[]; stopped: string };
    expect(stopped).toBe('exhausted');
    expect(trace.map(({ architecture }) => architecture).sort()).toEqual([...fifty].sort());
  });

  test('of a table, of a packed one, of JSON, or named in a config file', async () => {
    const rows = fifty.map((architecture, i) => ({ cell: architecture, size: i }));
    const csv = folder.write('pool.csv', `cell,size\n${rows.map(({ cell, size }) => `${cell},${size}\n`).join('')}`);
    const json = folder.write('pool.json', JSON.stringify(rows));
    const expected = await asked(...digits, '--pool', list, '--queries', '20', '--seed', '4');
    for (const file of [csv, json])
      expect(await asked(...digits, '--pool', file, '--key', 'cell', '--queries', '20', '--seed', '4')).toEqual(
        expected,
      );
    const config = folder.write('search.yaml', `space: digits201\nqueries: 20\nseed: 4\npool: ${csv}\nkey: [cell]\n`);
    expect(await asked(config)).toEqual(expected);
  });

  test('what is the same architecture counts once', async () => {
    const same = folder.write('same.txt', `${fifty.slice(0, 3).join('\n')}\n|none~0|+|none~0|none~1|+|none~0|none~1|none~2|\n|avg_pool_3x3~0|+|none~0|none~1|+|none~0|none~1|none~2|\n`); // prettier-ignore
    const { stderr } = await cli(['search', ...digits, '--pool', same, '--queries', '5', '--quiet']);
    expect(stderr).toMatch(/expected at most 4 \(the size of the pool\), given 5/);
  });

  test.each<[string, string, RegExp]>([
    ['empty.txt', '\n\n', /^.*empty\.txt: expected an architecture a line, given "none"$/],
    ['wrong.txt', `${fifty[0]}\nnonsense\n`, /^.*wrong\.txt line 2: digits201 architecture.*expected/],
    ['nokey.csv', 'a,b\n1,2\n', /^.*nokey\.csv header: expected a column arch/],
  ])('%s is refused', async (name, text, message) => {
    const args = ['search', ...digits, '--pool', folder.write(name, text), '--queries', '5'];
    expect(errorLine(await cli(args), { status: 2 })).toMatch(message);
  });
});

describe('a table of some architectures', () => {
  const table = folder.write('fifty.csv', `arch,acc\n${fifty.map((cell, i) => `${cell},${i % 10}.5\n`).join('')}`);
  const args = ['--space', 'nasbench201', '--oracle', `table:${table}`, '--objective', 'acc'];

  test('with --pool table is searched to its end', async () => {
    const { trace, stopped, best } = await searchJson([...args, '--pool', 'table', '--queries', '50']);
    expect(stopped).toBe('budget');
    expect(trace.map(({ architecture }) => architecture).sort()).toEqual([...fifty].sort());
    expect(best!.metrics).toEqual({ acc: 9.5 });
  });

  test('random search is compared among what the table has', async () => {
    const { status, stdout } = await cli(['search', ...args, '--pool', 'table', '--queries', '12', '--quiet']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/rank by acc in the whole table: \d+ of 50\n/);
    // Twelve of fifty, five of which have 9.5: 7.9 to 9.5 in any run; chance of the whole space would find none of them.
    const [, mean] = /random search with the same budget: (\d\.\d+) \(mean of 100 seeds\)/.exec(stdout)!;
    expect(Number(mean)).toBeGreaterThan(8.5);
    expect(Number(mean)).toBeLessThan(9.5);
  });

  test('without a pool the first architecture that it lacks ends the search, with a hint', async () => {
    const { status, stderr } = await cli(['search', ...args, '--queries', '50', '--quiet']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/hint: the table has 50 of the 15625 architectures of nasbench201; --pool table/);
  });
});

describe('how a table is read', () => {
  const split = (cell: string): [string, string] => {
    const at = cell.indexOf('+') - 1; // the texts of the columns are joined by one bar
    return [cell.slice(0, at), cell.slice(at + 1)];
  };
  const header = 'left,right,acc\n';
  const lines = fifty.map((cell, i) => `${split(cell).join(',')},${i}\n`);
  const args = (file: string): string[] => ['--space', 'nasbench201', '--oracle', `table:${file}`, '--objective', 'acc', '--pool', 'table', '--queries', '50', '--key', 'left, right']; // prettier-ignore

  test('--key of several columns', async () => {
    const file = folder.write('key.csv', header + lines.join(''));
    const { trace, best } = await searchJson(args(file));
    expect(trace.map(({ architecture }) => architecture).sort()).toEqual([...fifty].sort());
    expect(best).toMatchObject({ architecture: fifty[49], metrics: { acc: 49 } });
  });

  test('--missing skip leaves out rows without the metric, which are refused otherwise', async () => {
    const file = folder.write('missing.csv', header + lines.map((line, i) => (i < 5 ? line.replace(/\d+\n/, '\n') : line)).join('')); // prettier-ignore
    expect(errorLine(await cli(['search', ...args(file)]), { status: 2 })).toMatch(/line 2, column acc: expected a finite/); // prettier-ignore
    const { trace } = await searchJson([...args(file).with(-3, '45'), '--missing', 'skip']);
    expect(trace.map(({ architecture }) => architecture).sort()).toEqual(fifty.slice(5).sort());
  });

  test('--repeated mean takes the mean, repeated rows are refused otherwise', async () => {
    const again = `${split(fifty[0]!).join(',')},1000\n`;
    const file = folder.write('repeated.csv', header + lines.join('') + again);
    expect(errorLine(await cli(['search', ...args(file)]), { status: 2 })).toMatch(/line 52, column left and right: expected each architecture once/); // prettier-ignore
    const { best } = await searchJson([...args(file), '--repeated', 'mean']);
    expect(best).toMatchObject({ architecture: fifty[0], metrics: { acc: 500 } });
  });
});
