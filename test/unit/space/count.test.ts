import { countSpace } from '../../../src/space/count.js';
import { parseSpace, spaces } from '../../../src/space/index.js';
import { exampleSpaces } from '../../support/example-spaces.js';

test('NAS-Bench-201: what its paper counts, and what each rule makes of it', () => {
  expect(countSpace(spaces.nasbench201())).toEqual({
    valid: 15_625,
    distinct: { encoding: 15_625, graph: 15_625, skips: 12_751, zeros: 6466, computation: 4930 },
  });
});

test('only rules that the space allows, whatever its own is', () => {
  const counted = countSpace(spaces.transnasbench101Macro());
  expect(counted).toEqual({ valid: 3256, distinct: { encoding: 3256 } });
  const named = countSpace(exampleSpaces().find(({ id }) => id === 'named')!)!;
  expect(Object.keys(named.distinct)).toEqual(['encoding', 'graph']);
  expect(named.distinct.graph).toBeLessThan(named.distinct.encoding!);
});

test('constraints count, over more than one batch', () => {
  const space = parseSpace(
    `
schema: 1
id: bits
description: fifteen bits, of which at most one is set
choices: { ${Array.from({ length: 15 }, (_, i) => `b${i}: [0, 1]`).join(', ')} }
constraints:
  - { name: one, count: { variables: 'b*', values: 1, max: 1 } }
`,
    'bits.yaml',
  );
  expect(space.size).toBe(32_768);
  expect(countSpace(space)).toEqual({ valid: 16, distinct: { encoding: 16 } });
});

test('a large space is not counted', () => {
  expect(countSpace(spaces.nasbench101())).toBeUndefined();
});
