import { faultOf, mutate, neighboursOf, sampleSpace } from '../../../src/space/explore.js';
import { loadSpace, parseSpace, spaces } from '../../../src/space/index.js';
import type { SpaceOptions } from '../../../src/space/index.js';
import { errorOf } from '../../support/errors.js';

const cells = spaces.nasbench101();

test('an architecture is valid, or breaks a constraint that is named', () => {
  expect(faultOf(cells, `${'0'.repeat(21)}|c3-c3-c3-c3-c3`)).toMatch(/no path from an input to an output/);
  expect(faultOf(cells, `${'1'.repeat(21)}|c3-c3-c3-c3-c3`)).toMatch(/too many edges/);
  for (const architecture of sampleSpace(cells, 20, 1)) expect(faultOf(cells, architecture)).toBeUndefined();
  expect(() => faultOf(cells, 'no cell')).toThrow(/nasbench101/);
});

test('samples follow the seed', async () => {
  expect(sampleSpace(cells, 5, 3)).toEqual(sampleSpace(cells, 5, 3));
  expect(sampleSpace(cells, 5, 3)).not.toEqual(sampleSpace(cells, 5, 4));
  await errorOf('INVALID_ARGUMENT', () => sampleSpace(cells, 0));
});

test('a space that nothing is valid in says so at once', async () => {
  const none = parseSpace(
    `
schema: 1
id: none
description: everything is forbidden
chain: [{ stage: s, repeat: 2, choices: { k: [1, 2] } }]
constraints: [{ forbid: { s.1.k: 1 } }, { forbid: { s.1.k: 2 } }]
`,
    'none.yaml',
  );
  const { message } = await errorOf('INVALID_ARGUMENT', () => sampleSpace(none, 3));
  expect(message).toMatch(/expected 3 valid architectures, given "0 in \d+ draws"/);
});

test('neighbours and mutants differ by one variable', () => {
  const [one] = sampleSpace(spaces.nasbench201(), 1, 9);
  const near = neighboursOf(spaces.nasbench201(), one!);
  expect(new Set(near).size).toBe(24); // six edges, four other operations each
  for (let seed = 0; seed < 10; ++seed) expect(near).toContain(mutate(spaces.nasbench201(), one!, seed));
  expect(
    new Set(Array.from({ length: 10 }, (_, seed) => mutate(spaces.nasbench201(), one!, seed))).size,
  ).toBeGreaterThan(3);
});

test('options and texts of the wrong kind are refused', async () => {
  await errorOf('INVALID_ARGUMENT', () => spaces.nasbench201({ isomorfism: 'encoding' } as SpaceOptions));
  await errorOf('INVALID_ARGUMENT', () => loadSpace(5 as unknown as string));
  await errorOf('INVALID_ARGUMENT', () => parseSpace(undefined as unknown as string, 'x'));
});
