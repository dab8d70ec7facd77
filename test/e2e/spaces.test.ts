import path from 'node:path';
import { cli, root } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';

const folder = scratchFolder();
const file = path.join(root, 'examples', 'mobile-space.yaml');

/** Runs `optiproxy spaces show`, which must succeed without a word on stderr. */
async function show(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await cli(['spaces', 'show', ...args]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

test('a small space: counted by every rule, variables, constraints, the example drawn', async () => {
  const text = await show('nasbench201');
  expect(text).toMatch(/^nasbench201: cells of four nodes/);
  expect(text).toMatch(/^encodings +15625\nvalid +15625\ndistinct +15625 by encoding, 15625 by graph, 12751 by skips, 6466 by zeros, 4930 by computation\nisomorphism +computation\n/m); // prettier-ignore
  expect(text).toContain('Variables (6)\n    0-1 .. 2-3 (6)  none, skip_connect, nor_conv_1x1, ');
  expect(text).toContain('Constraints\n    none\n');
  expect(text).toContain('    0 ··· 1               none\n');
  expect(text).toMatch(/\n {4}\|none~0\|\+\|none~0\|none~1\|\+\|none~0\|none~1\|none~2\|\n$/);
});

test('a large space is not counted; its constraints are said', async () => {
  const text = await show('nasbench101');
  expect(text).toMatch(/^encodings +509607936\nisomorphism +graph\n/m);
  expect(text).toMatch(/^ {4}cell: a path from an input to an output; at most 9 edges/m);
  expect(text).toContain('    5       conv1x1-bn-relu  ◀── input, 3, 4\n');
});

test('a space of one’s own', async () => {
  const text = await show(file);
  expect(text).toMatch(/^source +the worked example of docs\/spaces\.md$/m);
  expect(text).toContain('    ▼ early.1   kernel=3 expansion=6\n');
  expect(text).toMatch(/late\.reduction +4, 8 {2}\(while late\.attention=se\)/);
});

test('--isomorphism changes the rule, before and after the space', async () => {
  expect(await show('nasbench201', '--isomorphism', 'zeros')).toMatch(/^isomorphism +zeros$/m);
  expect(await show('--isomorphism', 'zeros', 'nasbench201')).toMatch(/^isomorphism +zeros$/m);
});

test('--json has what the text has', async () => {
  const { schema, space } = JSON.parse(await show('transnasbench101-macro', '--json')) as {
    schema: number;
    space: Record<string, unknown>;
  };
  expect(schema).toBe(1);
  expect(Object.keys(space)).toEqual(['id', 'size', 'description', 'isomorphism', 'source', 'variables', 'example', 'constraints', 'valid', 'distinct', 'drawing']); // prettier-ignore
  expect(space).toMatchObject({
    id: 'transnasbench101-macro',
    size: 5376,
    valid: 3256,
    distinct: { encoding: 3256 },
    example: '64-1234-basic',
  });
  expect(space['constraints']).toHaveLength(2);
  expect((space['variables'] as object[])[0]).toEqual({ name: 'module.depth', values: ['4', '5', '6'] });
  const large = JSON.parse(await show(file, '--json')) as { space: object };
  expect(large.space).toMatchObject({ id: 'mobile', size: 14_043_456, valid: null, distinct: null });
});

test('a space file is searched, and its winner drawn', async () => {
  const oracle = folder.write(
    'size.mjs',
    "export default (text) => ({ blocks: text.split(' ').filter((part) => part.includes('depth=')).reduce((n, part) => n + Number(part.split('=')[1]), 0) });",
  );
  const args = ['search', '--space', file, '--oracle', `module:${oracle}`, '--objective', 'blocks:min'];
  const { status, stdout, stderr } = await cli([...args, '--queries', '40', '--seed', '1', '--quiet']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^mobile: optiproxy \(default\), seed 1, 40 queries\n/);
  expect(stdout).toMatch(/^ {4}resolution=\d+ width=\S+\n {4}▼ early\.1 +kernel=\d expansion=\d\n {4}▼ middle\.1 /m);
  expect(stdout).toMatch(/blocks +[5-7]\n/);
});
