import { constraintTexts, numberText, variableGroups } from '../../../src/report/space.js';
import { spaces, type SpaceName } from '../../../src/space/index.js';
import type { SearchSpace } from '../../../src/space/types.js';
import { exampleSpaces } from '../../support/example-spaces.js';

const example = (id: string): SearchSpace => exampleSpaces().find((space) => space.id === id)!;
const lines = (space: SearchSpace): string[] =>
  variableGroups(space).map(({ names, values, condition }) => `${names}: ${values}${condition && ` (${condition})`}`);

test.each([
  [15_625, '15625'],
  [2 ** 53, '9007199254740992'],
  [1.0767868e18, '1.08e18'],
  [1.288e52, '1.29e52'],
])('%d is %s', (count, text) => {
  expect(numberText(count)).toBe(text);
});

describe('variables', () => {
  test('alike but for numbers are one line', () => {
    expect(lines(spaces.nasbench201())).toEqual([
      '0-1 .. 2-3 (6): none, skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3',
    ]);
    expect(lines(spaces.nasbench101())).toEqual([
      '1 .. 5 (5): conv3x3-bn-relu, conv1x1-bn-relu, maxpool3x3',
      '0-1 .. 5-6 (21): 0, 1',
    ]);
  });

  test('with values that grow', () => {
    expect(lines(spaces.nasbench301())).toContain('normal.3.inputs .. normal.5.inputs (3): 2 of the first 3 to 5 of 0, 1, 2, 3, 4'); // prettier-ignore
    const nlp = lines(spaces.nasbenchNlp());
    expect(nlp.length).toBeLessThan(8);
    expect(nlp[1]).toMatch(
      /^node_0\.input1 \.\. node_14\.input1 \(15\): the first 4 to 18 of x, h_prev_0, .*, \.\.\. \(18\)$/,
    );
  });

  test('that are not always there say when', () => {
    expect(lines(example('both'))).toEqual([
      'width: 16, 32',
      'stem.kernel: 3, 5',
      'body.depth: 1, 3',
      'body.kind: a, b',
      'body.heads: 1, 2 (while body.kind=b)',
      'tail.depth: 1, 2',
      'tail.1.kernel: 3, 7',
      'tail.2.kernel: 3, 7 (while tail.depth=2)',
      'left.0-1 .. left.1-2 (3): zero, one',
    ]);
    expect(lines(spaces.transnasbench101Macro())[2]).toMatch(/while module\.depth=5\|6, and so on/);
  });
});

describe('constraints in words', () => {
  test.each<[string, SearchSpace, string[]]>([
    ['none', spaces.nasbench201(), []],
    [
      'of a graph',
      spaces.nasbench101(),
      [
        'cell: a path from an input to an output; at most 9 edges (nodes on no path from an input to an output are taken away before)',
      ],
    ],
    [
      'of every kind',
      example('named'),
      [
        'body: a path from an input to an output; at most 8 edges; at most 3 into every node but the inputs (nodes on no path from an input to an output are taken away before)',
        'different values of merge.input1, merge.input2',
        'not a=pool with merge=concat',
      ],
    ],
    [
      'of counts',
      example('both'),
      ['some of 3: at least 1 and at most 2 of stem.kernel=3, tail.1.kernel=3, tail.2.kernel=3'],
    ],
    [
      'of states',
      example('rnn'),
      [
        'cell: a path from an input to an output; x must be used; both or neither of h_prev_0 and h_new_0, h_prev_1 and h_new_1 (nodes on no path from an input to an output are taken away before)',
        'different values of node_0.input1, node_0.input2, node_0.input3, and so on',
      ],
    ],
  ])('%s', (_name, space, expected) => {
    expect(constraintTexts(space)).toEqual(expected);
  });

  test('one line each, for every space', () => {
    for (const name of Object.keys(spaces) as SpaceName[])
      for (const text of constraintTexts(spaces[name]())) expect(text).not.toMatch(/\n|undefined|NaN/);
  });
});
