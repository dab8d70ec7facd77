import fc from 'fast-check';
import { ByteIndex } from '../../../src/oracle/byte-index.js';

test('numbers distinct records in their order, as a map of texts does', () => {
  const records = fc.array(fc.array(fc.nat(2), { minLength: 3, maxLength: 3 }), { maxLength: 200 });
  fc.assert(
    fc.property(records, (given) => {
      const index = new ByteIndex(3);
      const map = new Map<string, number>();
      for (const record of given) {
        const key = record.join();
        expect(index.add(Uint8Array.from(record))).toBe(map.get(key) ?? -1);
        if (!map.has(key)) map.set(key, map.size);
      }
      expect(index.size).toBe(map.size);
      expect([...index.bytes].join()).toBe([...map.keys()].join());
      for (const [key, number] of map) expect(index.find(Uint8Array.from(key.split(','), Number))).toBe(number);
      expect(index.find(Uint8Array.of(3, 3, 3))).toBe(-1);
    }),
  );
});

test('a hundred thousand records that differ in any byte are found again, from anywhere in a buffer', () => {
  const index = new ByteIndex(5);
  const record = (i: number): Uint8Array => Uint8Array.of(9, i, i >> 8, 0, i >> 16);
  for (let i = 0; i < 100_000; ++i) expect(index.add(record(i))).toBe(-1);
  const buffer = new Uint8Array(12);
  for (let i = 0; i < 100_000; i += 7) {
    buffer.set(record(i), 6);
    expect(index.find(buffer, 6)).toBe(i);
  }
  expect(index.bytes).toHaveLength(500_000);
});
