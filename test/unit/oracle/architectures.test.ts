import { gzipSync } from 'node:zlib';
import { distinctArchitectures, readArchitectures } from '../../../src/oracle/architectures.js';
import { spaces } from '../../../src/space/index.js';
import { errorOf } from '../../support/errors.js';
import { scratchFolder } from '../../support/files.js';
import { allGenes, tinySpace } from '../../support/spaces.js';

const space = tinySpace();
const folder = scratchFolder();
const genes = allGenes(space);
const cells = genes.map((one) => space.format(one));
const [a, b, c] = cells as [string, string, string];
const three = Uint8Array.from([...genes[0]!, ...genes[1]!, ...genes[2]!]);

test.each<[string, string | Uint8Array]>([
  ['list.txt', `${a}\n${b}\n${c}\n`],
  ['list', `${a}\n${b}\n${c}`],
  ['windows.txt', `${a}\r\n${b}\r\n\r\n  ${c}  \r\n`],
  ['twice.txt', `${a}\n${b}\n${a}\n${c}\n${b}\n`],
  ['packed.txt.gz', gzipSync(`${a}\n${b}\n${c}\n`)],
  ['table.csv', `note,arch\nx,${a}\ny,${b}\nz,${c}\nagain,${a}\n`],
  ['table.csv.gz', gzipSync(`arch\n${a}\n${b}\n${c}\n`)],
  ['table.ndjson', [a, b, c].map((arch) => `${JSON.stringify({ arch })}\n`).join('')],
  ['table.json', JSON.stringify([{ arch: a }, { arch: b, acc: null }, { arch: c }])],
])('%s: each architecture once, in the order of the file', async (name, content) => {
  expect(await readArchitectures(folder.write(name, content), space)).toEqual(three);
});

test('another key, or several, of a table', async () => {
  const file = folder.write('key.csv', `cell,left,right\n${a},${a.slice(0, 4)},${a.slice(5)}\n`);
  expect(a[4]).toBe('|');
  expect(await readArchitectures(file, space, { key: 'cell' })).toEqual(genes[0]);
  expect(await readArchitectures(file, space, { key: ['left', 'right'] })).toEqual(genes[0]);
});

test.each<[string, string, RegExp]>([
  ['none.txt', '', /none\.txt: expected an architecture a line, given "none"/],
  ['wrong.txt', `${a}\n\nwrong\n`, /wrong\.txt line 3: tiny architecture.*: expected .*/],
  ['long.txt', `${a}\n${'x'.repeat(20_000)}\n`, /long\.txt line 2: expected lines of at most 16384 characters/],
  ['none.csv', 'arch\n', /none\.csv: expected rows below the header/],
  ['wrong.csv', `arch\n${a}\nwrong\n`, /wrong\.csv line 3, column arch: tiny architecture/],
])('%s is refused, naming file and line', async (name, content, message) => {
  const file = folder.write(name, content);
  const error = await errorOf('INVALID_TABLE', () => readArchitectures(file, space));
  expect(error.message).toMatch(message);
});

test('a file that is not there', async () => {
  const error = await errorOf('INVALID_TABLE', () => readArchitectures('no.txt', space));
  expect(error.message).toMatch(/^no\.txt: expected a readable list of architectures, given "no such file"/);
});

test('how many they are by the space’s rule', () => {
  expect(distinctArchitectures(space, three)).toBe(3);
  const same = [
    '|none~0|+|none~0|none~1|+|none~0|none~1|none~2|',
    '|avg_pool_3x3~0|+|none~0|none~1|+|none~0|none~1|none~2|',
  ];
  const [computation, encoding] = [spaces.nasbench201(), spaces.nasbench201({ isomorphism: 'encoding' })];
  const both = Uint8Array.from(same.flatMap((text) => [...computation.parse(text)]));
  expect(distinctArchitectures(computation, both)).toBe(1);
  expect(distinctArchitectures(encoding, both)).toBe(2);
});
