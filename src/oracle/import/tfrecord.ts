import { maskedCrc32c } from './crc32c.js';
import type { Refuse } from './failure.js';

/** Records of a benchmark's cells are about a kilobyte. */
const MAX_RECORD_BYTES = 1 << 20;
const HEADER_BYTES = 12;

/** Whether bytes start with the length of a record and the checksum of that. */
export function startsRecord(bytes: Buffer): boolean {
  return bytes.length >= HEADER_BYTES && maskedCrc32c(bytes.subarray(0, 8)) === bytes.readUInt32LE(8);
}

/**
 * Records of a TFRecord file: length, its checksum, data, its checksum; both checksums are verified.  Yields the records of
 * each piece together; memory is bounded by a piece and a record.
 */
export async function* readTfRecords(pieces: AsyncIterable<Buffer>, refuse: Refuse): AsyncGenerator<Buffer[]> {
  let rest: Buffer = Buffer.alloc(0);
  let count = 0;
  const where = (): string => `record ${count + 1}`;
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const records: Buffer[] = [];
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      if (!startsRecord(bytes.subarray(at, at + HEADER_BYTES))) {
        refuse(where(), 'a length that agrees with its checksum', 'another', 'fetch the file again');
      }
      const length = bytes.readBigUInt64LE(at);
      if (length > MAX_RECORD_BYTES) refuse(where(), `at most ${MAX_RECORD_BYTES} bytes`, String(length));
      const end = at + HEADER_BYTES + Number(length);
      if (bytes.length < end + 4) break;
      const data = bytes.subarray(at + HEADER_BYTES, end);
      if (maskedCrc32c(data) !== bytes.readUInt32LE(end)) {
        refuse(where(), 'data that agrees with its checksum', 'other data', 'fetch the file again');
      }
      records.push(data);
      ++count;
      at = end + 4;
    }
    rest = bytes.subarray(at);
    yield records;
  }
  if (rest.length > 0) refuse(where(), 'a whole record', 'the end of the file', 'is it cut off?');
}
