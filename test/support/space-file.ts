import { parseSpace } from '../../src/space/index.js';
import { errorOf } from './errors.js';

/** Pieces of space files, for tests of what is wrong with one. */
export const head = 'schema: 1\nid: mine\ndescription: a space of tests\n';
export const edges = 'cells:\n  cell:\n    on: edges\n    vertices: 3\n    operations: [a, b]\n';
export const nodes = 'cells:\n  cell:\n    on: nodes\n    nodes: 4\n    operations: [a, b]\n    edges: free\n';
export const named = (lines: string): string => `cells:\n  cell:\n    on: nodes\n    nodes:\n${lines}`;
export const inputs =
  'cells:\n  cell:\n    on: inputs\n    inputs: 2\n    nodes: 2\n    choose: 2\n    operations: [a, b]\n';
export const recurrent =
  'cells:\n  cell:\n    on: recurrent\n    vertices: 3\n    inputs: [x]\n    states: 1\n    operations: { lin: { inputs: 2 } }\n';
export const chain = 'chain:\n  - stage: s\n    depth: [1, 2]\n    choices: { k: [3, 5] }\n';

/** The complaint about a file. */
export async function complaintAbout(text: string): Promise<string> {
  const error = await errorOf('INVALID_ARGUMENT', () => parseSpace(text, 'mine.yaml'));
  expect(error.message.length).toBeLessThan(500);
  return error.message;
}
