import { native } from '../../../src/native.js';
import { defineSpace, variablesOf } from '../../../src/space/index.js';
import { SpaceReference } from '../../support/space-reference.js';

const space = defineSpace({
  schema: 1,
  id: 'chain',
  description: 'a space of tests',
  choices: { width: [32, 64] },
  chain: [
    { stage: 'a', choices: { k: [3, 5] } },
    { stage: 'b', depth: [1, 3], choices: { k: [3, 7], h: { values: [1, 2], when: { k: 7 } } } },
    { stage: 'c', repeat: 2, share: true, choices: { k: [5, 7] } },
  ],
  constraints: [
    { name: 'few 7', count: { variables: '*.k', values: 7, max: 2 } },
    { forbid: { width: 64, 'b.depth': 3 } },
  ],
});
const { program } = space;

test('variables: stage.choice, or stage.block.choice where blocks differ', () => {
  expect(variablesOf(space).map(({ name, values }) => `${name}:${values.join('/')}`)).toEqual([
    'width:32/64',
    'a.k:3/5',
    'b.depth:1/3',
    'b.1.k:3/7',
    'b.1.h:1/2',
    'b.2.k:3/7',
    'b.2.h:1/2',
    'b.3.k:3/7',
    'b.3.h:1/2',
    'c.k:5/7',
  ]);
  // A block of b is one of k=3, k=7 with h=1, k=7 with h=2.
  expect(space.size).toBe(2 * 2 * (3 + 3 ** 3) * 2);
});

test('nodes: the choices of the whole, the input, the blocks, the output; edges follow the depth', () => {
  // 0 width, 1 input, 2 a, 3 4 5 b, 6 7 c, 8 output.
  expect(program.nodes).toBe(9);
  const depth = program.genes.findIndex(({ name }) => name === 'b.depth');
  const edges = program.edges.map(({ from, to, gene, values }) => [from, to, gene, values.join()]);
  expect(edges).toEqual([
    [0, 1, -1, ''],
    [1, 2, -1, ''],
    [2, 3, -1, ''],
    [3, 4, depth, '1'],
    [4, 5, depth, '1'],
    [3, 6, depth, '0'],
    [5, 6, depth, '1'],
    [6, 7, -1, ''],
    [7, 8, -1, ''],
  ]);
});

test('features: one for the place of a block, one for each choice and value, shared by all blocks', () => {
  const columnsOf = (name: string): number[][] =>
    program.featureUses.filter(({ gene }) => program.genes[gene]!.name === name).map(({ columns }) => [...columns]);
  const [a] = columnsOf('a.k'); // 3, 5
  const [b] = columnsOf('b.1.k'); // 3, 7
  const shared = columnsOf('c.k'); // 5, 7
  expect(b![0]).toBe(a![0]);
  expect(shared).toEqual([
    [a![1], b![1]],
    [a![1], b![1]],
  ]);
  expect(columnsOf('b.2.h')).toEqual(columnsOf('b.1.h'));
  const fixed = [...program.fixedFeatures].filter((_, i) => i % 2 === 1);
  expect(new Set(fixed).size).toBe(9);
  expect(program.absent).toBe(program.features - 1);
});

test('variables that are not there have no value, and constraints hold', () => {
  const core = new (native().Space)(program);
  const reference = new SpaceReference(program);
  const check = (text: string): string => core.reasons[core.check(space.parse(text))[0]!]!;
  expect(check('width=64 a.k=3 b.depth=1 b.1.k=7 b.1.h=1 c.k=7')).toBe('valid');
  expect(check('width=64 a.k=3 b.depth=3 b.1.k=3 b.2.k=3 b.3.k=3 c.k=5')).toBe('not width=64 with b.depth=3');
  expect(check('width=32 a.k=3 b.depth=3 b.1.k=7 b.1.h=1 b.2.k=7 b.2.h=2 b.3.k=3 c.k=7')).toBe('few 7');
  const valid = [...reference.encodings()].filter((genes) => reference.faults(genes).length === 0);
  const codes = core.check(core.enumerate(0, space.size));
  expect(codes.filter((code) => code === 0)).toHaveLength(valid.length);
});

test('a random architecture is uniform over architectures, not over the values of each variable', () => {
  const { genes } = new (native().Space)(program).draw(20_000, 1, 0);
  const depth = program.genes.findIndex(({ name }) => name === 'b.depth');
  let shallow = 0;
  for (let i = depth; i < genes.length; i += program.genes.length) shallow += Number(genes[i] === 0);
  const reference = new SpaceReference(program);
  const valid = [...reference.encodings()].filter((one) => reference.faults(one).length === 0);
  const expected = valid.filter((one) => one[depth] === 0).length / valid.length;
  // Five standard deviations.
  expect(Math.abs(shallow / 20_000 - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / 20_000));
});
