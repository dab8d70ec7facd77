import { maskedCrc32c } from '../../src/oracle/import/crc32c.js';

/** A TFRecord file of these records. */
export function tfRecords(...records: readonly (Uint8Array | string)[]): Buffer {
  return Buffer.concat(
    records.flatMap((record) => {
      const data = Buffer.from(record);
      const head = Buffer.alloc(12);
      head.writeBigUInt64LE(BigInt(data.length));
      head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8);
      const tail = Buffer.alloc(4);
      tail.writeUInt32LE(maskedCrc32c(data));
      return [head, data, tail];
    }),
  );
}

function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(9, (field << 3) | 1);
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

function bytesField(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of((field << 3) | 2, bytes.length), bytes]);
}

/** One evaluation: seconds of training, validation and test accuracy, and what nobody reads. */
function evaluation(epoch: number, [seconds, validation, test]: readonly number[]): Buffer {
  const fields = [epoch, seconds, 0.5, validation, test].map((value, i) => double(i + 1, value!));
  return Buffer.concat([...fields, bytesField(6, Buffer.from('model.ckpt'))]);
}

/** A ModelMetrics message with a first evaluation and this last one. */
export function modelMetrics(parameters: number, last: readonly number[]): Buffer {
  const varint: number[] = [];
  for (let rest = parameters; varint.push(rest > 127 ? (rest % 128) | 128 : rest), rest > 127;)
    rest = Math.floor(rest / 128);
  const evaluations = [bytesField(1, evaluation(0, [0, 0.1, 0.1])), bytesField(1, evaluation(108, last))];
  return Buffer.concat([...evaluations, Buffer.of(2 << 3, ...varint), double(3, 1234.5)]);
}

/** A record of NAS-Bench-101. */
export function training(hash: string, epochs: number, adjacency: string, operations: string, metrics: Buffer): string {
  return JSON.stringify([hash, epochs, adjacency, operations, metrics.toString('base64')]);
}
