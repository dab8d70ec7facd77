import { native } from '../../../src/native.js';
import { spaces } from '../../../src/space/index.js';
import type { Isomorphism, SearchSpace } from '../../../src/space/types.js';

/** Number of distinct keys of genes (n, G). */
function distinct(space: SearchSpace, genes: Uint8Array, into = new Set<string>()): Set<string> {
  const keys = Buffer.from(space.keys(genes));
  for (let at = 0; at < keys.length; at += 16) into.add(keys.toString('latin1', at, at + 16));
  return into;
}

/** Valid encodings of a space that is small enough to go through. */
function everyValid(space: SearchSpace): Uint8Array {
  const core = new (native().Space)(space.program);
  const all = core.enumerate(0, space.size);
  const width = space.program.genes.length;
  const codes = core.check(all);
  const valid: Uint8Array[] = [];
  codes.forEach((code, i) => code === 0 && valid.push(all.subarray(i * width, (i + 1) * width)));
  return Buffer.concat(valid);
}

// Dong & Yang 2020: 15,625 strings; 12,751 when skips are followed; 6,466 when zeros are recognised too.  What is really
// computed is told apart by how Digits-201 was made: 4,930 trainings stand for all strings.
test.each<[Isomorphism, number]>([
  ['encoding', 15_625],
  ['skips', 12_751],
  ['zeros', 6_466],
  ['computation', 4_930],
])('NAS-Bench-201 has %s classes: %i', (isomorphism, count) => {
  const space = spaces.nasbench201({ isomorphism });
  expect(distinct(space, everyValid(space)).size).toBe(count);
});

test.each<[SearchSpace, number]>([
  [spaces.nasbenchMacro(), 6_561], // Su et al. 2021: 3^8
  [spaces.transnasbench101Micro({ isomorphism: 'encoding' }), 4_096], // Duan et al. 2021: 4^6
  [spaces.transnasbench101Macro(), 3_256], // Duan et al. 2021
])('the literature counts as many architectures: %#', (space, count) => {
  expect(distinct(space, everyValid(space)).size).toBe(count);
});

test('NAS-Bench-301 has 10^18 architectures', () => {
  // Zela et al. 2022: two cells of 1 * 3 * 6 * 10 pairs of inputs and seven operations on eight edges.
  expect(spaces.nasbench301().size / (180 * 7 ** 8) ** 2).toBeCloseTo(1, 12);
  expect(Math.log10(spaces.nasbench301().size)).toBeCloseTo(18, 0);
});

test('NAS-Bench-101 has 423,624 cells that are not isomorphic', () => {
  const space = spaces.nasbench101();
  const core = new (native().Space)(space.program);
  const width = space.program.genes.length;
  // Every cell is a labelling of some graph, and isomorphic graphs have the same labellings: one graph of each class
  // will do.  First the graphs, with equal operations; those of fewer than seven vertices leave some without edges.
  const graphs = new Map<string, Uint8Array>();
  for (let first = 0; first < 2 ** 21; first += 2 ** 15) {
    const genes = new Uint8Array(2 ** 15 * width);
    for (let i = 0; i < 2 ** 15; ++i)
      for (let bit = 0; bit < 21; ++bit) genes[i * width + 5 + bit] = ((first + i) >> bit) & 1;
    const codes = core.check(genes);
    const keys = Buffer.from(space.keys(genes));
    codes.forEach((code, i) => {
      const key = keys.toString('latin1', i * 16, i * 16 + 16);
      if (code === 0 && !graphs.has(key)) graphs.set(key, genes.slice(i * width, (i + 1) * width));
    });
  }
  const cells = new Set<string>();
  for (const graph of graphs.values()) {
    const genes = new Uint8Array(3 ** 5 * width);
    for (let i = 0; i < 3 ** 5; ++i) {
      genes.set(graph, i * width);
      for (let v = 0, rest = i; v < 5; ++v, rest = Math.floor(rest / 3)) genes[i * width + v] = rest % 3;
    }
    distinct(space, genes, cells);
  }
  expect(cells.size).toBe(423_624);
});
