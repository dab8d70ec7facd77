import cells from '../../golden/nasbench101_cells.json';
import { native } from '../../../src/native.js';
import { spaces } from '../../../src/space/index.js';
import { nasbench101Hash, pruneNasbench101 } from '../../../src/space/nasbench101.js';
import { SpaceReference } from '../../support/space-reference.js';

interface Cell {
  matrix: number[][];
  ops: string[];
  valid: boolean;
  pruned_matrix: number[][];
  pruned_ops: string[];
  hash: string;
  reason?: string;
}

const space = spaces.nasbench101();
const golden = (cells as Cell[]).map((cell) => ({ ...cell, genes: space.parse(JSON.stringify(cell)) }));

/** Whether two lists fall into the same classes. */
function sameClasses(a: readonly string[], b: readonly string[]): boolean {
  const pairs = new Set(a.map((x, i) => `${x} ${b[i]!}`)).size;
  return pairs === new Set(a).size && pairs === new Set(b).size;
}

test('400 graphs have equal keys where the benchmark gives them equal hashes, and there alone', () => {
  const hashes = golden.map(({ hash }) => hash);
  expect(new Set(hashes).size).toBe(129);
  const reference = new SpaceReference(space.program);
  expect(sameClasses(hashes, golden.map(({ genes }) => reference.key(genes)))).toBe(true); // prettier-ignore
  expect(sameClasses(hashes, golden.map(({ genes }) => Buffer.from(space.keys(genes)).toString('hex')))).toBe(true); // prettier-ignore
});

test('they are valid where the benchmark says so', () => {
  const core = new (native().Space)(space.program);
  const reference = new SpaceReference(space.program);
  for (const { genes, valid, reason } of golden) {
    expect([core.check(genes)[0] === 0, reference.faults(genes).length === 0, reason]).toEqual([valid, valid, reason]);
  }
});

test('what is left after pruning is what the benchmark leaves', () => {
  const reference = new SpaceReference(space.program);
  const section = space.program.sections[0]!;
  for (const { genes, pruned_matrix } of golden.filter(({ valid }) => valid)) {
    const { alive, edges } = reference.picture(section, genes);
    const nodes = [...alive].sort((a, b) => a - b);
    const matrix = nodes.map((from) => nodes.map((to) => Number(edges.some((e) => e.from === from && e.to === to))));
    expect(matrix).toEqual(pruned_matrix);
  }
});

test('their hashes are the benchmark’s own, 400 of 400', () => {
  const names = ['input', 'conv3x3-bn-relu', 'conv1x1-bn-relu', 'maxpool3x3'];
  const nameOf = (label: number): string => (label === -2 ? 'output' : names[label + 1]!);
  let agreed = 0;
  for (const { genes, hash, pruned_matrix, pruned_ops } of golden) {
    const architecture = space.format(genes);
    // Where no path leads to the output the benchmark has neither.
    if (!hash) {
      expect(pruneNasbench101(architecture).labels).toEqual([]);
    } else {
      const { matrix, labels } = pruneNasbench101(architecture);
      expect(matrix).toEqual(pruned_matrix);
      expect(labels.map(nameOf)).toEqual(pruned_ops);
      expect(nasbench101Hash(architecture)).toBe(hash);
    }
    agreed += 1;
  }
  expect(agreed).toBe(400);
});
