import { readFileSync } from 'node:fs';
import path from 'node:path';
import { loadSpace, parseSpace } from '../../../src/space/index.js';

const root = path.join(__dirname, '..', '..', '..');
const reference = readFileSync(path.join(root, 'docs', 'spaces.md'), 'utf8');
const blocks = [...reference.matchAll(/^( *)```yaml\n([^]*?)\n\1```/gm)].map(([, , block]) => block!);
const head = 'schema: 1\nid: mine\ndescription: a space of tests\n';

test('the worked example is the one of examples/mobile-space.yaml, and has as many encodings as it says', () => {
  const shown = parseSpace(blocks[0]!, 'docs/spaces.md');
  const file = loadSpace(path.join(root, 'examples', 'mobile-space.yaml'));
  expect(shown.program).toEqual(file.program);
  expect(shown.description).toBe(file.description);
  expect(reference).toContain(file.size.toLocaleString('en-US'));
  expect(file.size).toBe(14_043_456);
  expect(file.example).toMatch(/^resolution=192 width=1 early\.depth=1 early\.1\.kernel=3 /);
});

describe('every piece of a file in the reference is right:', () => {
  const pieces = blocks.slice(1);

  test('there are some', () => {
    expect(pieces.length).toBeGreaterThanOrEqual(6);
  });

  test.each(pieces.filter((block) => block.includes(' on: ')).map((block) => [block.split('\n')[0]!.trim(), block]))(
    '%s',
    (_name, block) => {
      const cells = block.startsWith('cells:') ? block : `cells:\n  cell:\n${block}`;
      const space = parseSpace(`${head}${cells}\n`, 'docs/spaces.md');
      expect(space.format(space.parse(space.example))).toBe(space.example);
    },
  );
});

test('what the reference says of variables is so', () => {
  const variables = (block: string): string[] =>
    parseSpace(`${head}cells:\n  cell:\n${block}\n`, 'x').program.genes.map(({ name }) => name);
  const block = (key: string): string => blocks.find((text) => text.includes(key))!;
  expect(variables(block('nodes: 7'))).toEqual(expect.arrayContaining(['1', '5', '0-1', '5-6']));
  expect(variables(block('merge:'))).toEqual(['a', 'c', 'd', 'merge', 'a.inputs', 'b.inputs', 'merge.input1', 'merge.input2', 'in-out', 'c-out']); // prettier-ignore
  expect(variables(block('on: inputs'))).toEqual(expect.arrayContaining(['2.op1', '3.inputs', '3.op1', '3.op2']));
  expect(variables(block('on: inputs'))).not.toContain('2.inputs');
  expect(variables(block('on: recurrent'))).toEqual(
    expect.arrayContaining(['node_0', 'node_0.input1', 'node_14.input3', 'states', 'h_new_0', 'h_new_2']),
  );
});
