import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { exampleOf, spaceByName, spaceNames, spaces, variablesOf } from '../../../src/space/index.js';
import { isomorphisms } from '../../../src/space/types.js';
import { errorOf } from '../../support/errors.js';
import { scratchFolder } from '../../support/files.js';

const root = path.join(__dirname, '..', '..', '..');
const folder = scratchFolder();

test('every name is a space of that id, with a file and a page', () => {
  const files = readdirSync(path.join(root, 'data', 'spaces')).sort();
  expect(files).toEqual([...spaceNames].sort().map((name) => `${name}.yaml`));
  expect(Object.values(spaces).map((make) => make().id)).toEqual(spaceNames);
  for (const name of spaceNames) {
    expect(spaceByName(name).id).toBe(name);
    expect(spaceByName(name).description).not.toBe('');
    expect(spaceByName(name).source.length).toBeGreaterThan(40);
    expect(existsSync(path.join(root, 'docs', 'spaces', `${name}.md`))).toBe(true);
  }
});

test('a page shows its space: id, string form of the example, number of encodings, isomorphism', () => {
  for (const name of spaceNames) {
    const space = spaceByName(name);
    const page = readFileSync(path.join(root, 'docs', 'spaces', `${name}.md`), 'utf8');
    expect(page).toContain(`# ${name}\n`);
    expect(page).toContain(exampleOf(space));
    expect(page).toContain(`\`${space.isomorphism}\``);
    const size = space.size < 2 ** 53 ? space.size.toLocaleString('en-US') : space.size.toPrecision(4);
    expect(page).toContain(size.replace(/e\+(\d+)/, ' × 10^$1'));
  }
});

test('an example is what it was written as', () => {
  for (const name of spaceNames) {
    const space = spaceByName(name);
    expect(space.format(space.parse(exampleOf(space)))).toBe(exampleOf(space));
  }
});

test('digits201 has the topology and the strings of NAS-Bench-201', () => {
  const [digits, bench] = [spaces.digits201(), spaces.nasbench201()];
  expect(digits.program).toEqual(bench.program);
  expect(variablesOf(digits)).toEqual(variablesOf(bench));
  expect(variablesOf(bench)[0]).toEqual({
    name: '0-1',
    values: ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3'],
  });
});

test('a space can be asked for with another isomorphism, and each is made once', () => {
  for (const isomorphism of isomorphisms) {
    const space = spaces.nasbench201({ isomorphism });
    expect(space.isomorphism).toBe(isomorphism);
    expect(space.program.isomorphism).toBe(isomorphism);
    expect(spaceByName('nasbench201', 'space', { isomorphism })).toBe(space);
  }
  expect(spaces.nasbench201().isomorphism).toBe('computation');
});

test('an isomorphism that does not fit is refused', async () => {
  await errorOf('UNKNOWN_NAME', () => spaces.nasbench201({ isomorphism: 'same' as never }));
  const error = await errorOf('INVALID_ARGUMENT', () => spaces.nasbench101({ isomorphism: 'computation' }));
  expect(error.message).toMatch(
    /nasbench101\.yaml line \d+, isomorphism: expected one of encoding, graph for this space/,
  );
});

test('an unknown name is refused with the list', async () => {
  const error = await errorOf('UNKNOWN_NAME', () => spaceByName('nasbench', '--space'));
  expect(error.message).toMatch(
    /^--space: expected one of digits201, nasbench201, .*transformer-macro, .*given "nasbench"/,
  );
  await errorOf('UNKNOWN_NAME', () => spaceByName('toString'));
  await errorOf('UNKNOWN_NAME', () => spaceByName(undefined as never));
});

test('a file is told from a name by a separator or its ending', async () => {
  const text = readFileSync(path.join(root, 'data', 'spaces', 'nasbench201.yaml'), 'utf8');
  for (const ending of ['yaml', 'yml', 'YAML']) {
    const file = folder.write(`mine.${ending}`, text.replace('id: nasbench201', 'id: mine'));
    expect(spaceByName(file)).toMatchObject({ id: 'mine', size: 15_625 });
  }
  expect(spaceByName(folder.write('mine', text))).toMatchObject({ id: 'nasbench201' });
  const error = await errorOf('INVALID_ARGUMENT', () => spaceByName('missing.yaml'));
  expect(error.message).toMatch(/^space file: expected a readable YAML file, given "ENOENT/);
});
