import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { tabularOracle } from '../../../src/oracle/table.js';
import type { SearchSpace } from '../../../src/space/types.js';
import { errorOf } from '../../support/errors.js';
import { scratchFolder } from '../../support/files.js';
import { allGenes, tinySpace } from '../../support/spaces.js';

const space = tinySpace();
const genes = allGenes(space);
const cells = genes.map((given) => space.format(given));
const folder = scratchFolder();
const records = cells.map((arch, i) => ({ arch, acc: 90 + i / 4, note: `row ${i}`, curve: [i, i], latency: 8 - i }));
const ndjson = records.map((record) => `${JSON.stringify(record)}\n`).join('');
const json = JSON.stringify(records);

test.each<[string, string | Uint8Array]>([
  ['lines.ndjson', ndjson],
  ['lines.jsonl', ndjson.replaceAll('\n', '\r\n\r\n')],
  ['lines.NDJSON.GZ', gzipSync(ndjson)],
  ['open.ndjson', `\uFEFF${ndjson.trimEnd()}`],
  ['array.json', json],
  ['array.json.gz', gzipSync(json)],
  ['pretty.json', `\uFEFF \n${JSON.stringify(records, null, 2)}\n`],
  ['pieces.json', `[${records.map((r) => JSON.stringify({ ...r, note: '"]}[{\\'.repeat(50_000) })).join(' ,\n')}]`],
])('%s reads as the same table', async (name, content) => {
  const oracle = await tabularOracle(folder.write(name, content), space);
  expect(oracle.metrics).toEqual(['acc', 'latency']);
  expect(oracle.rows).toBe(8);
  expect(oracle.skipped).toBe(0);
  expect(await oracle(cells[3]!)).toEqual({ acc: 90.75, latency: 5 });
  expect(oracle.architectures()).toEqual(Uint8Array.from(genes.flatMap((given) => [...given])));
});

const line = (record: object): string => `${JSON.stringify(record)}\n`;
const first = line({ arch: cells[0], acc: 1 });

test.each<[string, string | Uint8Array, RegExp]>([
  ['empty.ndjson', '', /empty\.ndjson: expected rows, given "none"/],
  ['blank.jsonl', '\n \n', /blank\.jsonl: expected rows, given "none"/],
  ['cut.ndjson', `${first}{"arch": "`, /cut\.ndjson line 2: expected a JSON object, given "Unterminated string/],
  ['array.ndjson', `${first}\n[1]\n`, /array\.ndjson line 3: expected a JSON object, given "\[1\]"/],
  ['null.ndjson', `${first}null\n`, /line 2: expected a JSON object, given "null"/],
  ['text.ndjson', `${first}${line({ arch: cells[1], acc: 'good' })}`, /line 2, column acc: .*number, given "good"/],
  [
    'absent.ndjson',
    `${first}${line({ arch: cells[1] })}`,
    /line 2, column acc: expected a finite number, given "none"/,
  ],
  ['nokey.ndjson', `${first}${line({ acc: 1 })}`, /line 2, column arch: expected an architecture, given "none"/],
  [
    'badkey.ndjson',
    `${first}${line({ arch: true, acc: 1 })}`,
    /line 2, column arch: expected an architecture, given true/,
  ],
  [
    'twice.ndjson',
    first + first,
    /twice\.ndjson line 2, column arch: expected each architecture once.*on line 1 already/,
  ],
  ['earlier.ndjson', `${line({ arch: 'c', acc: 1 })}{`, /earlier\.ndjson line 1, column arch: tiny/],
  ['long.ndjson', `${first}{"arch":"${'x'.repeat(2 ** 20)}"}`, /line 2: expected lines of at most 1048576 characters/],
  ['proto.ndjson', '{"__proto__": {"acc": 1}, "arch": "x"}\n', /proto\.ndjson line 1, column arch: tiny/],
  ['object.json', '{"arch": 1}', /object\.json: expected an array of objects, given "\{"/],
  ['empty.json', '', /empty\.json: expected a whole JSON array, given "the end of the file"/],
  ['none.json', '[]', /none\.json: expected rows, given "none"/],
  ['cut.json', json.slice(0, -9), /cut\.json row 8: expected a whole JSON array/],
  ['open.json', json.slice(0, -1), /open\.json row 8: expected a whole JSON array/],
  ['after.json', `${json} x`, /after\.json row 8: expected an array of objects, given "x"/],
  ['commas.json', json.replace('},{', '},,{'), /commas\.json row 1: expected an array of objects, given ","/],
  ['comma.json', json.replace(/\]$/, ',]'), /comma\.json row 8: expected an array of objects, given "\]"/],
  ['joined.json', json.replace('},{', '}{'), /joined\.json row 1: expected an array of objects, given "\{"/],
  ['numbers.json', '[1]', /numbers\.json: expected an array of objects, given "1"/],
  ['bad.json', '[{"arch": nope}]', /bad\.json row 1: expected a JSON object, given "Unexpected token/],
  ['big.json', `[{"a":"${'x'.repeat(2 ** 21)}"}]`, /big\.json row 1: expected objects of at most 1048576 characters/],
  ['deep.json', '['.repeat(1e6), /deep\.json: expected an array of objects, given "\["/],
  ['deep.ndjson', `{"arch":${'['.repeat(3e5)}${']'.repeat(3e5)},"acc":1}`, /deep\.ndjson line 1, column arch: /],
  ['damaged.json.gz', gzipSync(json).subarray(0, -9), /damaged\.json\.gz: expected an intact gzip file/],
])('%s is refused', async (name, content, message) => {
  const error = await errorOf('INVALID_TABLE', () => tabularOracle(folder.write(name, content), space, { metrics: ['acc'] }).catch((e: { code: string }) => { if (e.code === 'UNKNOWN_NAME') return tabularOracle(path.join(folder.path, name), space); throw e; })); // prettier-ignore
  expect(error.message).toMatch(message);
  expect(error.message.length).toBeLessThan(600);
});

test.each(['missing.json', 'missing.ndjson', 'missing.parquet'])('%s is refused', async (name) => {
  const error = await errorOf('INVALID_TABLE', () => tabularOracle(path.join(folder.path, name), space));
  expect(error.message).toMatch(/expected a readable (JSON|Parquet) file, given "no such file"/);
});

describe('zip bombs end early', () => {
  test.each<[string, string | Uint8Array]>([
    ['blank.csv.gz', '\n'],
    ['rows.csv.gz', Buffer.from(' \n'.repeat(100))],
    ['blank.ndjson.gz', '\n'],
    ['blank.json.gz', ' '],
  ])('%s', async (name, piece) => {
    const file = folder.write(name, gzipSync(Buffer.alloc(250e6, piece)));
    const start = performance.now();
    const error = await errorOf('INVALID_TABLE', () => tabularOracle(file, space));
    if (!name.startsWith('rows'))
      expect(error.message).toMatch(/expected at most 200 times its packed size.*a zip bomb/);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test('a table that packs a hundredfold is none', async () => {
    const remark = 'x'.repeat(60_000);
    const lines = cells.map((cell, i) => `${cell},${i},${remark}`);
    const packed = gzipSync(['arch,acc,note', ...lines].join('\n'));
    const oracle = await tabularOracle(folder.write('remarks.csv.gz', packed), space);
    expect(oracle.rows).toBe(8);
  });
});

test('CSV that turns to quotes in the middle, with records over several lines', async () => {
  const lines = cells.map((cell, i) => (i < 4 ? `${cell},${i},plain` : `"${cell}",${i},"with ""quotes"",\nand lines"`));
  const file = folder.write('turns.csv', ['arch,acc,note', ...lines, ''].join('\r\n'));
  const oracle = await tabularOracle(file, space);
  expect(cells.map((cell) => oracle.value(cell, 'acc'))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const wrong = folder.write('wrong.csv', ['arch,acc,note', ...lines, 'x,1,2'].join('\n'));
  const error = await errorOf('INVALID_TABLE', () => tabularOracle(wrong, space));
  expect(error.message).toContain('wrong.csv line 14, column arch');
});

describe('rows that lack a metric', () => {
  const csv = `arch,acc,ms\n${cells[0]},1,1\n${cells[1]},,2\n${cells[2]},NaN,3\n${cells[3]},4,null\n${cells[1]},5,5\n`;

  test('are refused', async () => {
    const error = await errorOf('INVALID_TABLE', () => tabularOracle(folder.write('gaps.csv', csv), space));
    expect(error.message).toMatch(/line 3, column acc: expected a finite number, given "" .*missing: 'skip'/);
  });

  test('are skipped and counted, and may come again', async () => {
    const oracle = await tabularOracle(folder.write('gaps.csv', csv), space, { missing: 'skip' });
    expect([oracle.rows, oracle.skipped]).toEqual([2, 3]);
    expect(oracle.value(cells[1]!, 'acc')).toBe(5);
    expect(oracle.value(cells[2]!, 'ms')).toBeUndefined();
  });

  test('only where the metric is one that is read', async () => {
    const oracle = await tabularOracle(folder.write('gaps.csv', csv), space, { missing: 'skip', metrics: ['ms'] }).catch((error: Error) => error.message); // prettier-ignore
    expect(oracle).toMatch(/line 6, column arch: expected each architecture once/);
  });

  test('null in JSON', async () => {
    const text = [{ arch: cells[0], acc: 1 }, { arch: cells[1], acc: null }, { arch: cells[2] }].map(line).join('');
    const oracle = await tabularOracle(folder.write('gaps.ndjson', text), space, { missing: 'skip' });
    expect([oracle.rows, oracle.skipped]).toEqual([1, 2]);
  });

  test('text is no missing number, and a table of gaps no table', async () => {
    const text = `arch,acc\n${cells[0]},1\n${cells[1]},soon\n`;
    await errorOf('INVALID_TABLE', () => tabularOracle(folder.write('soon.csv', text), space, { missing: 'skip' }));
    const file = folder.write('none.csv', `arch,acc\n${cells[0]},\n`);
    const error = await errorOf('INVALID_TABLE', () =>
      tabularOracle(file, space, { missing: 'skip', metrics: ['acc'] }),
    );
    expect(error.message).toMatch(/expected rows below the header, given "1 that lack a metric"/);
    const options = { missing: 'drop' } as unknown as { missing: 'skip' };
    await errorOf('UNKNOWN_NAME', () => tabularOracle(file, space, options));
  });
});

test('rows of the same architecture are averaged if that is wanted', async () => {
  const csv = `arch,acc,ms\n${cells[0]},1,10\n${cells[1]},5,50\n${cells[0]},2,20\n${cells[0]},6,60\n`;
  const file = folder.write('runs.csv', csv);
  await errorOf('INVALID_TABLE', () => tabularOracle(file, space));
  const oracle = await tabularOracle(file, space, { repeated: 'mean' });
  expect(oracle.rows).toBe(2);
  expect(await oracle(cells[0]!)).toEqual({ acc: 3, ms: 30 });
  expect(await oracle(cells[1]!)).toEqual({ acc: 5, ms: 50 });
  await errorOf('UNKNOWN_NAME', () => tabularOracle(file, space, { repeated: 'first' as 'mean' }));
});

/** The tiny space with architectures written in another way. */
function writtenAs(toOwn: (text: string) => string): SearchSpace {
  const own = tinySpace();
  return { ...own, format: (g) => own.format(g), parse: (text) => own.parse(toOwn(text)) };
}

describe('keys', () => {
  test('several columns, joined by |', async () => {
    const halves = cells.map((cell) => /^\|(.*)\|\+\|(.*)\|$/.exec(cell)!);
    const csv = ['first,acc,second', ...halves.map(([, a, b], i) => `${a},${i},${b}`)].join('\n');
    const joined = writtenAs((text) => text.replace(/^([^|]*)\|(.*)$/, '|$1|+|$2|'));
    const oracle = await tabularOracle(folder.write('two.csv', csv), joined, { key: ['first', 'second'] });
    expect(oracle.metrics).toEqual(['acc']);
    expect(oracle.value(`${halves[5]![1]}|${halves[5]![2]}`, 'acc')).toBe(5);
    const bad = folder.write('two-bad.csv', `${csv.split('\n').slice(0, 2).join('\n')}\nx,1,y\n`);
    const error = await errorOf('INVALID_TABLE', () => tabularOracle(bad, joined, { key: ['first', 'second'] }));
    expect(error.message).toContain('two-bad.csv line 3, column first and second: tiny');
    const missing = await errorOf('INVALID_TABLE', () => tabularOracle(bad, joined, { key: ['first', 'third'] }));
    expect(missing.message).toMatch(/header: expected a column third of architecture strings/);
    await errorOf('INVALID_ARGUMENT', () => tabularOracle(bad, joined, { key: [] }));
  });

  test.each(['ndjson', 'json'])('objects in %s, given to the space as JSON', async (format) => {
    const rows = cells.map((cell, i) => ({ recipe: { cell, parts: [i] }, acc: i }));
    const text = format === 'json' ? JSON.stringify(rows) : rows.map(line).join('');
    const recipes = writtenAs((given) => (JSON.parse(given) as { cell: string }).cell);
    const oracle = await tabularOracle(folder.write(`recipes.${format}`, text), recipes, { key: 'recipe' });
    expect(oracle.value('{"cell":"' + cells[6] + '"}', 'acc')).toBe(6);
  });
});

describe('equivalent architectures', () => {
  /** The tiny space, with architectures the same that have as many b; counts what it is asked. */
  function counted(): { space: SearchSpace; calls: number[] } {
    const calls: number[] = [];
    const keys = (given: Uint8Array): Uint8Array => {
      calls.push(given.length / 3);
      return Uint8Array.from({ length: (given.length / 3) * 16 }, (_, i) => {
        const row = Math.floor(i / 16) * 3;
        return i % 16 === 0 ? given[row]! + given[row + 1]! + given[row + 2]! : 7;
      });
    };
    const own = tinySpace();
    return { space: { ...own, parse: (t) => own.parse(t), format: (g) => own.format(g), keys }, calls };
  }
  const ofCount = (count: number): string[] => cells.filter((_, i) => genes[i]!.reduce((a, b) => a + b) === count);

  test('are answered by their first row; the exact one wins', async () => {
    const [one, two, three] = ofCount(1);
    const csv = `arch,acc\n${two},2\n${three},3\n${ofCount(2)[0]},9\n`;
    const { space: symmetric, calls } = counted();
    const oracle = await tabularOracle(folder.write('same.csv', csv), symmetric);
    expect(calls).toEqual([3]);
    expect(oracle.rows).toBe(3);
    expect(await oracle(two!)).toEqual({ acc: 2 });
    expect(await oracle(three!)).toEqual({ acc: 3 });
    expect(await oracle(one!)).toEqual({ acc: 2 });
    expect(oracle.value(ofCount(2)[2]!, 'acc')).toBe(9);
    expect(oracle.value(ofCount(3)[0]!, 'acc')).toBeUndefined();
    expect(oracle.value('nonsense', 'acc')).toBeUndefined();
    await errorOf('ORACLE_FAILED', () => oracle(ofCount(0)[0]!));
  });
});

const shared = path.join(__dirname, '..', '..', '..', '..', 'shared', 'data');

test('NAS-Bench-NLP: recipes of objects, some trained more than once, four without a last loss', async () => {
  const file = path.join(shared, 'nasbench_nlp_wikitext2.json');
  if (!existsSync(file)) return console.log(`skipped: no table ${file}`);
  const rows = JSON.parse(readFileSync(file, 'utf8')) as { recipe: object }[];
  const numbers = new Map<string, number>();
  for (const { recipe } of rows) {
    const text = JSON.stringify(recipe);
    if (!numbers.has(text)) numbers.set(text, numbers.size);
  }
  const recipes: SearchSpace = {
    ...tinySpace(),
    parse: (text) => Uint8Array.of(numbers.get(text)! >> 8, numbers.get(text)!),
    format: (given) => given.join(),
    keys: (given) =>
      Uint8Array.from({ length: given.length * 8 }, (_, i) => (i % 16 < 2 ? given[(i >> 4) * 2 + (i % 16)]! : 0)),
  };
  const options = { key: 'recipe', metrics: ['val_loss_best', 'val_loss_last'], repeated: 'mean' } as const;
  const error = await errorOf('INVALID_TABLE', () => tabularOracle(file, recipes, options));
  expect(error.message).toMatch(/row \d+, column val_loss_last: expected a finite number, given "none"/);
  const oracle = await tabularOracle(file, recipes, { ...options, missing: 'skip' });
  expect([oracle.rows, oracle.skipped]).toEqual([289, 4]);
  expect(oracle.best('val_loss_best', 'minimize')).toBe(4.5676);
  const twice = rows[7] as { recipe: object };
  expect(oracle.value(JSON.stringify(twice.recipe), 'val_loss_best')).toBeCloseTo((5.5899 + 5.5791) / 2, 12);
});
