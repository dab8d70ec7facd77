import { native } from '../../src/native.js';
import type { SpaceProgram } from '../../src/space/types.js';
import { errorOf } from '../support/errors.js';
import { exampleSpaces } from '../support/example-spaces.js';
import { config } from '../support/native.js';
import { tinySpace } from '../support/spaces.js';

type Constructor = new (...args: unknown[]) => unknown;
const make = (name: 'Proxy' | 'Pool' | 'Space', program: unknown): unknown =>
  new (native()[name] as unknown as Constructor)(program, config);
const classes = ['Proxy', 'Pool', 'Space'] as const;

async function refused(program: unknown, message: RegExp): Promise<void> {
  for (const name of classes) {
    const error = await errorOf('INVALID_ARGUMENT', () => make(name, program));
    expect(error.message).toMatch(message);
  }
}

type Loose = Record<string, unknown>;
/** A copy of a program with one thing changed. */
function changed(program: SpaceProgram, change: (program: Record<string, Loose[]> & Loose) => void): unknown {
  const copy = structuredClone(program) as unknown as Record<string, Loose[]> & Loose;
  change(copy);
  return copy;
}

const { program } = tinySpace();
const example = (id: string): SpaceProgram => exampleSpaces().find((space) => space.id === id)!.program;

test.each(classes)('%s takes the programs that are changed below', (name) => {
  for (const sound of [program, example('named'), example('cells2'), example('rnn')])
    expect(() => make(name, structuredClone(sound))).not.toThrow();
});

test.each([undefined, null, 1, 'x', true, {}])('%p is no program', (wrong) =>
  refused(wrong, /^program(\.nodes)?: exp/),
);

test('a class called as a function throws, it does not crash', () => {
  for (const name of classes)
    expect(() => (native()[name] as unknown as (...args: unknown[]) => unknown)(program, config)).toThrow();
});

describe('the whole', () => {
  test.each<[string, object, RegExp]>([
    ['no nodes', { nodes: undefined }, /^program\.nodes: expected a number, given undefined/],
    ['NaN nodes', { nodes: NaN }, /^program\.nodes/],
    ['0 nodes', { nodes: 0 }, /^program\.nodes: expected 1/],
    ['half a node', { nodes: 4.5 }, /^program\.nodes: expected a whole number/],
    ['too many nodes', { nodes: 1e9 }, /^program\.nodes/],
    ['too few nodes for its edges', { nodes: 2 }, /out of range/],
    ['no features', { features: 0 }, /^program\.features/],
    ['too few features', { features: 1 }, /out of range/],
    ['a wild absent feature', { absent: 99 }, /^program\.absent: out of range/],
    ['no list of genes', { genes: undefined }, /^program\.genes: expected a list/],
    ['no gene at all', { genes: [] }, /expected 1\.\.4096 genes, given 0/],
    ['too many genes', { genes: new Array(5000).fill(0) }, /^program\.genes: expected at most 4096 elements/],
    ['a gene that is none', { genes: [7] }, /^program\.genes: expected an object/],
    ['a list for fixedFeatures', { fixedFeatures: [0, 0] }, /^program\.fixedFeatures: expected a Int32Array/],
    ['floats', { fixedFeatures: Float32Array.of(0, 0) }, /^program\.fixedFeatures: expected a Int32Array/],
    ['half a fixed feature', { fixedFeatures: Int32Array.of(0) }, /^program\.fixedFeatures: expected pairs, given 1/],
    ['a fixed feature outside', { fixedFeatures: Int32Array.of(9, 0) }, /^program\.fixedFeatures: .*out of range/],
    ['edges that are none', { edges: 'all' }, /^program\.edges: expected a list/],
    ['sections that are none', { sections: {} }, /^program\.sections: expected a list/],
    ['counts that are none', { counts: null }, /^program\.counts: expected a list/],
    ['cells that are none', { edgeCells: undefined }, /^program\.edgeCells: expected a list/],
    ['an unknown isomorphism', { isomorphism: 'same' }, /^program\.isomorphism: expected encoding, .*, given same/],
    ['no isomorphism', { isomorphism: undefined }, /^program\.isomorphism: expected a string/],
    ['a rule without its cells', { isomorphism: 'zeros', edgeCells: [] }, /expected/],
  ])('%s', (_name, change, message) => refused({ ...program, ...change }, message));
});

describe('a gene', () => {
  test.each<[string, Loose, RegExp]>([
    ['of no kind', { kind: 'real' }, /^program\.genes\.kind: expected choice, bit or subset, given real/],
    ['of 0 choices', { choices: 0 }, /^program\.genes\.choices/],
    ['of 300 choices', { choices: 300 }, /^program\.genes\.choices/],
    ['that may be absent, without a feature for it', { optional: true }, /needs the program's absent feature/],
    ['optional by a word', { optional: 'yes' }, /^program\.genes\.optional: expected true or false/],
    ['after its parent', { parent: 2, when: [0] }, /^program\.genes\[1\]\.parent: expected an earlier gene/],
    ['with a parent, always there', { parent: 0, when: [0] }, /a gene with a parent must be optional/],
    ['with values beyond a byte', { when: [256] }, /^program\.genes\.when/],
    ['distinct from a later one', { distinct: 1 }, /^program\.genes\[1\]\.distinct: expected an earlier gene/],
    ['of a node that is not there', { node: 9 }, /^program\.genes\[1\]\.node: out of range/],
    ['a bit of three values', { kind: 'bit', choices: 3 }, /expected 2 choices of a bit/],
    ['a subset of nothing', { kind: 'subset' }, /expected 1 <= picks <= inputs <= 64/],
    ['a subset of other size', { kind: 'subset', inputs: 3, picks: 1 }, /expected the number of subsets/],
  ])('%s', (_name, change, message) =>
    refused(
      changed(program, ({ genes }) => Object.assign(genes![1]!, change)),
      message,
    ),
  );
});

describe('a use of features', () => {
  test.each<[string, Loose, RegExp]>([
    ['of a gene that is not there', { gene: 7 }, /^program\.featureUses: a gene is out of range/],
    ['on a node that is not there', { node: 7 }, /^program\.featureUses: a node is out of range/],
    ['with a list of columns', { columns: [1, 2] }, /^program\.featureUses\.columns: expected a Int32Array/],
    ['with too few columns', { columns: Int32Array.of(1) }, /expected one column for each choice/],
    ['with a wild column', { columns: Int32Array.of(1, 99) }, /^program\.featureUses: a feature is out of range/],
    ['twice', { gene: 0, node: 1 }, /^program\.featureUses: a gene and node stand twice/],
  ])('%s', (_name, change, message) =>
    refused(
      changed(program, ({ featureUses }) => Object.assign(featureUses![1]!, change)),
      message,
    ),
  );
});

describe('an edge', () => {
  test.each<[string, Loose, RegExp]>([
    ['outside', { to: 5 }, /an edge is out of range or a loop/],
    ['a loop', { from: 1, to: 1 }, /a loop/],
    ['of a gene that is not there', { gene: 7 }, /the gene of an edge is out of range/],
    ['ordered by what is not there', { orderedBy: 7 }, /the gene of an edge is out of range/],
    ['of a fourth role', { role: 4 }, /^program\.edges\.role/],
    ['twice', { from: 0, to: 1 }, /the edge 0 -> 1 stands twice/],
    ['backwards in a section', { from: 3, to: 0 }, /expected nodes in topological order/],
  ])('%s', (_name, change, message) =>
    refused(
      changed(program, ({ edges }) => Object.assign(edges![1]!, change)),
      message,
    ),
  );
});

describe('a section', () => {
  test.each<[string, Loose, RegExp]>([
    ['without a name', { name: 1 }, /^program\.sections\.name: expected a string/],
    ['of more nodes than there are', { nodes: 60 }, /body: expected 1\.\.64 nodes of the graph/],
    ['with an input outside', { inputs: [200] }, /body: a node lies outside of it/],
    ['with a required node outside', { required: [200] }, /body: a node lies outside of it/],
    ['with a triple for a pair', { pairs: [[0, 1, 2]] }, /^program\.sections\.pairs: expected pairs/],
    ['with presence by no gene', { presence: [{ node: 0, gene: 99, values: [] }] }, /a presence is out of range/],
    ['that prunes by a word', { prune: 1 }, /^program\.sections\.prune: expected true or false/],
    ['with a wild bound', { maxEdges: -2 }, /^program\.sections\.maxEdges/],
  ])('%s', (_name, change, message) =>
    refused(
      changed(example('named'), ({ sections }) => Object.assign(sections![0]!, change)),
      message,
    ),
  );

  test('that prunes a node whose gene cannot be absent', () =>
    refused(
      changed(example('named'), ({ genes }) => {
        const gene = genes!.find(({ optional, node, parent }) => optional && Number(node) >= 0 && parent === -1)!;
        gene['optional'] = false;
      }),
      /the gene of a node that can be pruned away must be optional/,
    ));
});

describe('a count', () => {
  test.each<[string, Loose, RegExp]>([
    ['of a gene that is not there', { terms: [{ gene: 99, values: [0] }] }, /^program\.counts, .*out of range/],
    ['of terms that are none', { terms: 1 }, /^program\.counts\.terms: expected a list/],
    ['below 0', { min: -1 }, /^program\.counts\.min/],
  ])('%s', (_name, change, message) =>
    refused(
      changed(example('named'), ({ counts }) => Object.assign(counts![0]!, change)),
      message,
    ),
  );
});

describe('a cell of operations on edges', () => {
  test.each<[string, Loose, RegExp]>([
    ['of nine vertices', { vertices: 9 }, /expected 2\.\.8 vertices/],
    ['with half an edge', { edges: Int32Array.of(0, 1) }, /^program\.edgeCells\.edges: expected triples/],
    ['with a gene outside', { edges: Int32Array.of(0, 1, 99) }, /^program\.edgeCells: /],
    ['with too few ranks', { ranks: Int32Array.of(0) }, /^program\.edgeCells: /],
    ['with edges in another order', { edges: Int32Array.of(0, 2, 1, 0, 1, 2) }, /^program\.edgeCells: /],
  ])('%s', (_name, change, message) =>
    refused(
      changed(example('cells2'), ({ edgeCells }) => Object.assign(edgeCells![0]!, change)),
      message,
    ),
  );
});
