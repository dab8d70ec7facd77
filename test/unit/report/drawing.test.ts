import { drawArchitecture } from '../../../src/report/drawing.js';
import { spaces, type SpaceName } from '../../../src/space/index.js';
import type { SearchSpace } from '../../../src/space/types.js';
import { exampleSpaces } from '../../support/example-spaces.js';
import { SpaceReference } from '../../support/space-reference.js';
import { uniform } from '../../support/uniform.js';

const example = (id: string): SearchSpace => exampleSpaces().find((space) => space.id === id)!;
const draw = (space: SearchSpace, architecture: string): string[] => drawArchitecture(space, space.parse(architecture));

test('a graph: a line a node, what feeds it after the arrow; what is pruned away is not drawn', () => {
  expect(draw(spaces.nasbench101(), '100110100001001010101|c3-mp-c3-c3-c1')).toEqual([
    'input',
    '1       conv3x3-bn-relu  ◀── input',
    '2       maxpool3x3       ◀── 1',
    '3       conv3x3-bn-relu  ◀── 2',
    '4       conv3x3-bn-relu  ◀── input',
    '5       conv1x1-bn-relu  ◀── input, 3, 4',
    'output                   ◀── 2, 5',
  ]);
  expect(draw(spaces.nasbench101(), '001100010001111000011|mp-mp-c3-c1-mp')).toEqual([
    'input',
    '4       conv1x1-bn-relu  ◀── input',
    'output                   ◀── 4',
  ]);
});

test('cells one below the other, operations on inputs beside them', () => {
  const cell = [...'01234567'].map((_, i) => `('${i % 2 ? 'skip_connect' : 'sep_conv_3x3'}', ${i % 2})`).join(', ');
  const lines = draw(spaces.nasbench301(), `Genotype(normal=[${cell}], normal_concat=[2, 3, 4, 5], reduce=[${cell}], reduce_concat=[2, 3, 4, 5])`); // prettier-ignore
  expect(lines.slice(0, 8)).toEqual([
    'normal',
    '  input0',
    '  input1',
    ...[2, 3, 4, 5].map((node) => `  ${node}       ◀── sep_conv_3x3(input0), skip_connect(input1)`),
    '  output  ◀── 2, 3, 4, 5',
  ]);
  expect(lines.slice(8)).toEqual(['reduce', ...lines.slice(1, 8)]);
});

test('inputs in their order where it counts, else by node', () => {
  const inputs = 's.input1=z s.input2=y t.input1=z t.input2=y';
  const [one, other] = ['p', 'r'].map((u) =>
    draw(example('slots'), `x=q z=p u=${u} ${inputs} u.input1=s u.input2=x u.input3=z`),
  );
  expect(one).toEqual([
    'x    q',
    'y    q',
    'z    p',
    's       ◀── z, y',
    't       ◀── y, z',
    'u    p  ◀── x, z, s',
    'out     ◀── s, t, u',
  ]);
  expect(other![5]).toBe('u    r  ◀── s, x, z');
});

test('a chain: choices of the whole, then the blocks that are there, with the choices that are', () => {
  const stages = 'stem.kernel=5 body.depth=1 body.kind=a tail.depth=2 tail.1.kernel=3 tail.2.kernel=7';
  expect(draw(example('both'), `width=32 ${stages} left.0-1=one left.0-2=one left.1-2=zero`)).toEqual([
    'network',
    '  width=32',
    '  ▼ stem    kernel=5',
    '  ▼ body.1  kind=a',
    '  ▼ tail.1  kernel=3',
    '  ▼ tail.2  kernel=7',
    'left',
    '  0 ──▶ 1         one',
    '  0 ────────▶ 2   one',
    '        1 ──▶ 2   zero',
  ]);
  expect(draw(spaces.nasbenchMacro(), '00120000').slice(1, 4)).toEqual([
    '▼ layer.2  block=identity',
    '▼ layer.3  block=MB3_K3',
    '▼ layer.4  block=MB6_K5',
  ]);
});

test('optional nodes: only while they are there', () => {
  const rest = 'merge=add a.inputs=in b.inputs=a merge.input1=in merge.input2=b a-out=1';
  const there = draw(example('named'), `a=pool c=att ${rest} c.inputs=in,a c-out=1 d-out=0`);
  expect(there).toEqual([
    'in',
    'a      pool  ◀── in',
    'b      pool  ◀── a',
    'c      att   ◀── in, a',
    'merge  add   ◀── in, b',
    'out          ◀── a, b, c',
  ]);
  const without = draw(example('named'), `a=pool c=absent ${rest}`);
  expect(without).toEqual([...there.slice(0, 3), there[4], 'out          ◀── a, b']);
});

const everywhere = [...(Object.keys(spaces) as SpaceName[]).map((name) => spaces[name]()), ...exampleSpaces()];
test.each(everywhere.map((space) => [space.id, space] as const))('%s: any architecture is drawn', (_id, space) => {
  const reference = new SpaceReference(space.program);
  for (let seed = 0; seed < 20; ++seed) {
    const genes = reference.random(uniform(seed));
    const lines = drawArchitecture(space, genes);
    expect(lines.join(' ')).not.toMatch(/undefined|NaN|null/);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThan(60);
    // Genes without effect change nothing that is drawn, apart from operations on edges, of which all are shown.
    if (space.program.edgeCells.length === 0)
      expect(drawArchitecture(space, reference.normalise(genes))).toEqual(lines);
  }
});
