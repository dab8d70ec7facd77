import { defineSpace, spaces } from '../../../src/space/index.js';
import type { SearchSpace } from '../../../src/space/types.js';
import { errorOf } from '../../support/errors.js';

async function refusal(space: SearchSpace, text: string): Promise<string> {
  return (await errorOf('INVALID_ARCHITECTURE', () => space.parse(text))).message;
}

describe('a matrix (NAS-Bench-101)', () => {
  const space = spaces.nasbench101();
  const text = '100110100001001010101|c3-mp-c3-c3-c1';

  test('operations come first in the genes, then the upper triangle row by row', () => {
    expect([...space.parse(text)]).toEqual([0, 2, 0, 0, 1, ...'100110100001001010101'].map(Number));
    expect(space.format(space.parse(text))).toBe(text);
  });

  test('a smaller graph keeps its input and output; its other nodes have no edges', () => {
    // input → a → output and input → output.
    expect(space.format(space.parse('111|c1'))).toBe('100001000010000000000|c1-c3-c3-c3-c3');
    expect(space.format(space.parse('1|'))).toBe('000001000000000000000|c3-c3-c3-c3-c3');
  });

  test('the JSON of the benchmark is read as well', () => {
    const ops = ['input', 'conv1x1-bn-relu', 'output'];
    const matrix = [[0, 1, 1], [0, 0, 1], [0, 0, 0]]; // prettier-ignore
    expect(space.parse(JSON.stringify({ matrix, ops }))).toEqual(space.parse('111|c1'));
  });

  test.each<[string, string, RegExp]>([
    ['no bar', '111', /nasbench101 architecture: expected the upper triangle, "\|", the operations, given "111"/],
    [
      'a triangle of no size',
      '1111|c1',
      /upper triangle: expected 1, 3, 6, 10, 15, 21 digits for 2 to 7 nodes, given "1111"/,
    ],
    ['a digit 2', '121|c1', /edge 0-2 at character 2: expected 0 or 1, given "2"/],
    ['an unknown operation', '111|c5', /operation of node 1: expected one of c3, c1, mp, given "c5"/],
    ['an operation too few', '111111|c1', /operations: expected 2 joined by "-", given "c1"/],
    ['an operation too many', '111|c1-c1', /operation of node 1: expected one of c3, c1, mp, given "c1-c1"/],
    ['operations of nothing', '1|c1', /operations: expected none for two nodes, given "c1"/],
    ['broken JSON', '{', /expected JSON of \{"matrix", "ops"\}/],
    ['no matrix', '{"ops":[]}', /matrix: expected 2 to 7 rows, given "nothing"/],
    [
      'a matrix of lists',
      '{"matrix":[[0,1],[0]],"ops":["input","output"]}',
      /matrix row 1: expected 2 numbers, given \[0\]/,
    ],
    [
      'an edge back',
      '{"matrix":[[0,1],[1,0]],"ops":["input","output"]}',
      /edge 1-0: expected 0: edges go to later nodes, given 1/,
    ],
    ['an edge of two', '{"matrix":[[0,2],[0,0]],"ops":["input","output"]}', /edge 0-1: expected 0 or 1, given 2/],
    ['no ops', '{"matrix":[[0,1],[0,0]]}', /ops: expected 2 operations, given "nothing"/],
    ['no input', '{"matrix":[[0,1],[0,0]],"ops":["in","output"]}', /operation of node 0: expected "input", given "in"/],
    [
      'an unknown op',
      '{"matrix":[[0,1,0],[0,0,1],[0,0,0]],"ops":["input","x","output"]}',
      /operation of node 1: expected one of c3, c1, mp, given "x"/,
    ],
  ])('%s is refused', async (_name, given, message) => {
    expect(await refusal(space, given)).toMatch(message);
  });
});

describe('a genotype (NAS-Bench-301)', () => {
  const space = spaces.nasbench301();
  const short =
    'max_pool_3x3:0 dil_conv_3x3:1 avg_pool_3x3:1 avg_pool_3x3:0 sep_conv_3x3:1 sep_conv_3x3:0 sep_conv_3x3:1 skip_connect:3|' +
    'max_pool_3x3:1 skip_connect:0 sep_conv_3x3:1 sep_conv_3x3:0 max_pool_3x3:3 avg_pool_3x3:0 max_pool_3x3:2 dil_conv_5x5:3';
  const official =
    "Genotype(normal=[('max_pool_3x3', 0), ('dil_conv_3x3', 1), ('avg_pool_3x3', 0), ('avg_pool_3x3', 1), " +
    "('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 3)], normal_concat=[2, 3, 4, 5], " +
    "reduce=[('skip_connect', 0), ('max_pool_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('avg_pool_3x3', 0), " +
    "('max_pool_3x3', 3), ('max_pool_3x3', 2), ('dil_conv_5x5', 3)], reduce_concat=[2, 3, 4, 5])";

  test('pairs of a node are read in any order and written by ascending input', () => {
    expect(space.format(space.parse(short))).toBe(official);
    expect(space.parse(official)).toEqual(space.parse(short));
  });

  test('range, other quotes, other spaces and another order of keys are read', () => {
    const [, normal, reduce] = /Genotype\((normal=.*), (reduce=.*)\)/.exec(official)!;
    const other = `Genotype( ${reduce!}, ${normal!},)`.replaceAll("'", '"').replaceAll('[2, 3, 4, 5]', 'range(2, 6)');
    expect(space.parse(other)).toEqual(space.parse(official));
    expect(space.parse(official.replaceAll(', ', ','))).toEqual(space.parse(official));
  });

  test('genes: the inputs where there is a choice, then an operation for each', () => {
    const names = space.program.genes.map(({ name }) => name).filter((name) => name.startsWith('normal.'));
    expect(names.slice(0, 5)).toEqual([
      'normal.2.op1',
      'normal.2.op2',
      'normal.3.inputs',
      'normal.3.op1',
      'normal.3.op2',
    ]);
    // normal.5 takes 1 and 3 of 0..4: the sixth pair in lexicographic order.
    expect(space.parse(official)[names.indexOf('normal.5.inputs')]).toBe(5);
  });

  test.each<[string, string, RegExp]>([
    [
      'a word',
      'cell',
      /nasbench301 architecture: expected Genotype\(\.\.\.\), or 2 cells with "\|" between, given "cell"/,
    ],
    ['a cell too few', 'Genotype(normal=[])', /expected reduce=\[\.\.\.\], given "Genotype\(normal=\[\]\)"/],
    [
      'a pair too few',
      short.replace(' skip_connect:3|', '|'),
      /normal: expected 8 pairs of an operation and an input, given 7/,
    ],
    [
      'the same input twice',
      short.replace('dil_conv_3x3:1', 'dil_conv_3x3:0'),
      /normal node 2: expected 2 different inputs from 0 to 1, given "0, 0"/,
    ],
    [
      'an input from a later node',
      short.replace('skip_connect:3|', 'skip_connect:5|'),
      /normal node 5: expected 2 different inputs from 0 to 4, given "1, 5"/,
    ],
    [
      'an unknown operation',
      short.replace('dil_conv_3x3:1', 'conv:1'),
      /normal node 2, input 1: expected one of max_pool_3x3, .*given "conv"/,
    ],
    [
      'no input',
      short.replace('dil_conv_3x3:1', 'dil_conv_3x3'),
      /normal: expected "operation:input", given "dil_conv_3x3"/,
    ],
    ['a negative input', short.replace('dil_conv_3x3:1', 'dil_conv_3x3:-1'), /normal: expected "operation:input"/],
    ['text behind', `${official} `.replace(') ', ') x'), /character \d+: expected the end, given "x"/],
    [
      'an unknown key',
      official.replace('reduce=', 'reduction='),
      /expected normal, normal_concat, reduce, reduce_concat, each once, given "reduction"/,
    ],
    ['a key twice', official.replace('reduce=', 'normal='), /each once, given "normal"/],
    [
      'another output',
      official.replace('normal_concat=[2, 3, 4, 5]', 'normal_concat=[3, 4, 5]'),
      /normal_concat at character \d+: expected \[2, 3, 4, 5\], given "\[3, 4, 5\]"/,
    ],
    [
      'a range of millions',
      official.replace('normal_concat=[2, 3, 4, 5]', 'normal_concat=range(0, 9999999)'),
      /expected a whole number/,
    ],
    ['an open list', official.slice(0, 60), /character \d+: expected/],
  ])('%s is refused', async (_name, given, message) => {
    expect(await refusal(space, given)).toMatch(message);
  });
});

describe('a template whose number of modules follows (TransNAS-Bench-101)', () => {
  const space = spaces.transnasbench101Macro();

  test('the depth is what the digits say', () => {
    expect([...space.parse('64-1234-basic')]).toEqual([0, 0, 1, 2, 3, 4, 4]);
    expect([...space.parse('64-123411-basic')]).toEqual([2, 0, 1, 2, 3, 0, 0]);
    expect(space.format(Uint8Array.of(1, 3, 3, 3, 3, 3, 4))).toBe('64-44444-basic');
  });

  test.each<[string, string, RegExp]>([
    ['too few', '64-123-basic', /module\.4\.kind at character 7: expected one of 1, 2, 3, 4, given "-basic"/],
    ['too many', '64-1234123-basic', /character 10 behind module\.6\.kind: expected "-basic", given "3-basic"/],
    ['another digit', '64-12345-basic', /expected one of 1, 2, 3, 4, given "5"|expected "-basic", given "5-basic"/],
  ])('%s is refused', async (_name, given, message) => {
    expect(await refusal(space, given)).toMatch(message);
  });
});

describe('assignments', () => {
  const space = defineSpace({
    schema: 1,
    id: 'mine',
    description: 'a space of tests',
    choices: { width: [32, 64] },
    chain: [
      {
        stage: 's',
        depth: [1, 2],
        choices: { kind: ['conv', 'att'], heads: { values: [2, 4], when: { kind: ['att'] } } },
      },
    ],
  });

  test('only variables that are there are written, in gene order', () => {
    const text = 'width=64 s.depth=2 s.1.kind=conv s.2.kind=att s.2.heads=4';
    expect(space.format(space.parse(text))).toBe(text);
    expect([...space.parse(text)]).toEqual([1, 1, 0, 2, 1, 1]);
    expect(space.parse('s.2.heads=4 s.2.kind=att s.1.kind=conv s.depth=2 width=64')).toEqual(space.parse(text));
    expect(space.format(space.parse('width=32 s.depth=1 s.1.kind=conv'))).toBe('width=32 s.depth=1 s.1.kind=conv');
  });

  test.each<[string, string, RegExp]>([
    ['nothing', '', /mine architecture: expected "variable=value" with single spaces between, given ""/],
    ['a word', 'width', /expected "variable=value" with single spaces between, given "width"/],
    ['two spaces', 'width=32  s.depth=1', /single spaces between/],
    ['an unknown variable', 'length=3', /expected a variable of the space, given "length"/],
    ['an inherited name', 'constructor=3', /expected a variable of the space, given "constructor"/],
    ['a variable twice', 'width=32 width=32', /width: expected one value, given "width=32"/],
    ['an unknown value', 'width=33 s.depth=1 s.1.kind=conv', /width: expected one of 32, 64, given "33"/],
    ['a variable too few', 'width=32 s.1.kind=conv', /s\.depth: expected a value, given "nothing"/],
    [
      'a variable without effect',
      'width=32 s.depth=1 s.1.kind=conv s.1.heads=2',
      /s\.1\.heads: expected no such variable, as it depends on s\.1\.kind, given "2"/,
    ],
    [
      'a block that is not there',
      'width=32 s.depth=1 s.1.kind=conv s.2.kind=conv',
      /s\.2\.kind: expected no such variable, as it depends on s\.depth/,
    ],
  ])('%s is refused', async (_name, given, message) => {
    const text = await refusal(space, given);
    expect(text).toMatch(message);
    expect(text).toContain('(hint: like width=32 s.depth=1 s.1.kind=conv)');
  });
});
