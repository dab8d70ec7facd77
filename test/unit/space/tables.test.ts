import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { native } from '../../../src/native.js';
import { spaces } from '../../../src/space/index.js';
import type { SearchSpace } from '../../../src/space/types.js';

/** Public tables of the benchmarks, where a developer has them; the package ships none of them. */
const folder = path.join(__dirname, '..', '..', '..', '..', 'shared', 'data');
const present = existsSync(folder);
if (!present) console.log(`skipped: no ${folder}`);
const withTables = present ? test : test.skip;

/** Rows of a CSV file, without its header. */
function rows(name: string): string[][] {
  const bytes = readFileSync(path.join(folder, name));
  const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  return text.trim().split('\n').slice(1).map((line) => line.split(',')); // prettier-ignore
}

/** Genes of every string, after checking that each is valid and written as it is read. */
function readAll(space: SearchSpace, strings: readonly string[], written = strings): Uint8Array {
  const all = strings.map((text) => space.parse(text));
  all.forEach((genes, i) => {
    if (space.format(genes) !== written[i]) throw new Error(`${strings[i]!} is written ${space.format(genes)}`);
  });
  const genes = Buffer.concat(all);
  expect(new (native().Space)(space.program).check(genes).every((reason) => reason === 0)).toBe(true);
  return genes;
}

function distinct(space: SearchSpace, genes: Uint8Array): number {
  const keys = Buffer.from(space.keys(genes));
  return new Set(Array.from({ length: keys.length / 16 }, (_, i) => keys.toString('hex', 16 * i, 16 * i + 16))).size;
}

withTables('NAS-Bench-201: all 15,625 strings', () => {
  const space = spaces.nasbench201();
  const genes = readAll(space, rows('nasbench201.csv').map(([, arch]) => arch!)); // prettier-ignore
  expect(genes).toHaveLength(15_625 * 6);
  const counts = { encoding: 15_625, graph: 15_625, skips: 12_751, zeros: 6_466, computation: 4_930 } as const;
  for (const isomorphism of ['encoding', 'graph', 'skips', 'zeros', 'computation'] as const)
    expect(distinct(spaces.nasbench201({ isomorphism }), genes)).toBe(counts[isomorphism]);
});

withTables('NAS-Bench-101: a sample of distinct graphs', () => {
  const space = spaces.nasbench101();
  const strings = rows('nasbench101_sample.csv.gz').map((row) => `${row[2]!}|${row[3]!}`);
  const seven = strings.filter((text) => text.indexOf('|') === 21);
  expect(seven.length).toBeGreaterThan(20_000);
  readAll(space, seven);
  const all = Buffer.concat(strings.map((text) => space.parse(text)));
  expect(distinct(space, all)).toBe(strings.length);
});

withTables('NAS-Bench-301: a sample, read in the short form', () => {
  const space = spaces.nasbench301();
  const strings = rows('nasbench301_sample.csv').map(([normal, reduce]) => `${normal!}|${reduce!}`);
  const written = strings.map((text) => space.format(space.parse(text)));
  expect(readAll(space, written)).toEqual(readAll(space, strings, written));
});

withTables('NAS-Bench-Macro and TransNAS-Bench-101: the strings are all valid architectures, once each', () => {
  for (const [space, file, column, valid] of [
    [spaces.nasbenchMacro(), 'nasbench_macro.csv', 0, 6_561],
    [spaces.transnasbench101Micro(), 'transnasbench101_micro.csv', 2, 4_096],
    [spaces.transnasbench101Macro(), 'transnasbench101_macro.csv', 2, 3_256],
  ] as const) {
    const genes = readAll(space, rows(file).map((row) => row[column]!)); // prettier-ignore
    expect(genes).toHaveLength(valid * space.program.genes.length);
    const core = new (native().Space)(space.program);
    expect(core.count).toBe(space.size);
    expect(core.check(core.enumerate(0, space.size)).filter((reason) => reason === 0)).toHaveLength(valid);
  }
});

withTables('NAS-Bench-NLP: every recipe that was trained', () => {
  const space = spaces.nasbenchNlp();
  const entries = JSON.parse(readFileSync(path.join(folder, 'nasbench_nlp_wikitext2.json'), 'utf8')) as {
    status: string;
    recipe: unknown;
  }[];
  const recipes = entries.filter(({ status }) => status === 'OK').map(({ recipe }) => JSON.stringify(recipe));
  expect(recipes).toHaveLength(341);
  const written = recipes.map((text) => space.format(space.parse(text)));
  const genes = readAll(space, recipes, written);
  expect(space.keys(readAll(space, written))).toEqual(space.keys(genes));
  expect(distinct(space, genes)).toBe(263);
});
