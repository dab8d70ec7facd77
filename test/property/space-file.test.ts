import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { OptiProxyError } from '../../src/errors.js';
import { defineSpace, parseSpace, spaceNames } from '../../src/space/index.js';

const read = (name: string): string =>
  readFileSync(path.join(__dirname, '..', '..', 'data', 'spaces', `${name}.yaml`), 'utf8');

/** A file either makes a space whose example is one of its architectures, or throws an error of ours. */
function compilesOrRefuses(make: () => ReturnType<typeof parseSpace>): void {
  try {
    const space = make();
    expect(space.format(space.parse(space.example))).not.toBe('');
  } catch (error) {
    expect(error).toBeInstanceOf(OptiProxyError);
    expect((error as Error).message).not.toMatch(/\n|(?<!given )undefined|\[object/);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' });
  }
}

describe.each([...spaceNames])('%s.yaml', (name) => {
  const text = read(name);

  test('with a few characters changed, added or removed', () => {
    const words = text.split(/(\W)/).filter((word) => word.trim() !== '');
    const edit = fc.tuple(fc.nat(text.length), fc.nat(6), fc.constantFrom('', '\n', ' ', '0', '99', '[', ...words));
    fc.assert(
      fc.property(edit, ([at, drop, add]) =>
        compilesOrRefuses(() => parseSpace(text.slice(0, at) + add + text.slice(at + drop), 'file.yaml')),
      ),
      { numRuns: 300 },
    );
  });

  test('with a line left out or in another place', () => {
    const lines = text.split('\n');
    fc.assert(
      fc.property(fc.nat(lines.length - 1), fc.nat(lines.length - 1), fc.boolean(), (from, to, drop) => {
        const changed = [...lines];
        const [line] = changed.splice(from, 1);
        if (!drop) changed.splice(to, 0, line!);
        compilesOrRefuses(() => parseSpace(changed.join('\n'), 'file.yaml'));
      }),
      { numRuns: 200 },
    );
  });
});

test('any value is a space or an error', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => compilesOrRefuses(() => defineSpace(value as never))),
    { numRuns: 500 },
  );
  const cells = fc.dictionary(fc.constantFrom('a', 'b', '__proto__', '1'), fc.anything());
  fc.assert(
    fc.property(cells, fc.anything(), (value, text) =>
      compilesOrRefuses(() => defineSpace({ schema: 1, id: 'x', description: 'x', cells: value, text } as never)),
    ),
    { numRuns: 500 },
  );
});
