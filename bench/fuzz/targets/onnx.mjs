// ONNX models: the reader of what a model says of itself, and onnxruntime, which is not ours: what it dies of is reported
// as its own.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { chance, mutateBytes, mutateTree, pick } from '../mutate.mjs';
import { built, fromTests, insist } from '../support.mjs';

const words = ['card', 'unit', 'space', 'isomorphism', 'graph', '{"schema":1}', 'adjacency', 'operations', 'sizes', 'deviation', 'MatMul', 'Loop', 'If', 'Gather', 'Reshape', 'Expand', 'Tile', '\x72\x04']; // prettier-ignore

/** A number of seven bits a byte. */
function varint(value) {
  const bytes = [];
  for (let rest = BigInt.asUintN(64, value); bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0)), rest > 127n;) rest >>= 7n; // prettier-ignore
  return Buffer.from(bytes);
}

function readVarint(bytes, at) {
  let value = 0n;
  for (let shift = 0n, i = at; i < bytes.length && shift < 64n; shift += 7n) {
    value |= BigInt(bytes[i] & 127) << shift;
    if (bytes[i++] < 128) return [value, i];
  }
  return undefined;
}

/** The fields of a message as [number, type, value]; undefined if it is none.  A value is bytes, or a whole number. */
function fieldsOf(bytes) {
  const fields = [];
  for (let at = 0; at < bytes.length;) {
    const tag = readVarint(bytes, at);
    if (tag === undefined || tag[0] >> 3n === 0n) return undefined;
    const [number, type] = [tag[0] >> 3n, Number(tag[0] & 7n)];
    const next = type === 0 || type === 2 ? readVarint(bytes, tag[1]) : [0n, tag[1]];
    if (next === undefined || ![0, 1, 2, 5].includes(type)) return undefined;
    const size = { 0: 0, 1: 8, 2: Number(next[0]), 5: 4 }[type];
    if (next[1] + size > bytes.length) return undefined;
    fields.push([number, type, type === 0 ? next[0] : bytes.subarray(next[1], next[1] + size)]);
    at = next[1] + size;
  }
  return fields;
}

const messageOf = (fields) => Buffer.concat(fields.flatMap(([number, type, value]) => [varint((number << 3n) | BigInt(type)), ...(type === 0 ? [varint(value)] : type === 2 ? [varint(BigInt(value.length)), value] : [value])])); // prettier-ignore

/** A message with one field changed, some levels down, and every length right. */
function mutateMessage(draws, bytes) {
  const fields = fieldsOf(bytes);
  if (fields === undefined || fields.length === 0 || chance(draws, 0.05)) return mutateBytes(draws, bytes, { words });
  const at = draws.below(fields.length);
  const [number, type, value] = fields[at];
  if (type === 2 && chance(draws, 0.8)) fields[at] = [number, type, mutateMessage(draws, value)];
  else if (type === 0 && chance(draws, 0.7)) fields[at] = [number, type, pick(draws, [0n, 1n, value + 1n, -1n, 2n ** 31n, 2n ** 63n - 1n, 16n])]; // prettier-ignore
  else pick(draws, [() => fields.splice(at, 1), () => fields.push(fields[at]), () => fields.splice(draws.below(fields.length), 0, ...fields.splice(at, 1))])(); // prettier-ignore
  return messageOf(fields);
}

export async function open(folder) {
  const { fitLatency, onnxMetric, predictLatency, readLatencyModel, sampleSpace, spaces } = built('index');
  const { Session } = built('onnx/session');
  const { OptiProxyError } = built('errors');
  const { encodeModel } = built('onnx/write');
  const space = spaces.digits201();
  const genes = space.parse(space.example);
  const file = path.join(folder, 'model.onnx');

  const linear = await encodeModel(fromTests('models').linearModel([1, 2, 3, 4, 5, 6.5]));
  const seeds = [await fitted(), Buffer.from(linear)];
  const cards = seeds.map(fieldsOf);

  /** A model of ten measurements. */
  async function fitted() {
    const architectures = Buffer.concat(sampleSpace(space, 10, 1).map((text) => space.parse(text)));
    const values = Float64Array.from({ length: 10 }, (_, i) => 1 + i / 7);
    const { bytes } = await fitLatency({ space, measurements: { architectures: new Uint8Array(architectures), values }, metric: 'ms', unit: 'ms', threads: 1 }); // prettier-ignore
    return Buffer.from(bytes);
  }

  /** What a model says of itself, changed: a card is JSON. */
  function described(draws) {
    const fields = cards[0].map((field) => {
      if (field[0] !== 14n || chance(draws, 0.5)) return field;
      const [key, value] = fieldsOf(field[2]);
      const text = value[2].toString();
      const changed = text.startsWith('{') ? JSON.stringify(mutateTree(draws, JSON.parse(text))) : mutateBytes(draws, value[2], { words }); // prettier-ignore
      return [14n, 2, messageOf([key, [2n, 2, Buffer.from(changed)]])];
    });
    return messageOf(fields);
  }

  const make = (draws) => {
    const seed = pick(draws, seeds);
    return pick(draws, [() => mutateBytes(draws, seed, { others: seeds, words }), () => mutateMessage(draws, seed), () => mutateMessage(draws, seed), () => described(draws)])(); // prettier-ignore
  };

  /** The first refusal; anything else is thrown at once. */
  async function attempt(input) {
    writeFileSync(file, input);
    let refusal;
    const refusable = async (work) => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof OptiProxyError)) throw error;
        refusal ??= error;
      }
    };
    const model = await refusable(() => readLatencyModel(file));
    if (model !== undefined) await refusable(() => predictLatency(model, space, [space.example]));
    await refusable(async () => {
      const session = await Session.open({ model: file, program: space.program, example: genes, inputs: input.length % 3 === 0 ? { arch: 'genes' } : undefined }); // prettier-ignore
      insist(
        (await session.evaluate(genes)).every((column) => column.every(Number.isFinite)),
        'no finite number',
      );
      await session.close();
    });
    // In a thread of its own, as it is used: that takes long, so now and then.
    if (input.length % 16 === 0) {
      await refusable(async () => {
        const metric = await onnxMetric(file, { space });
        try {
          insist((await metric.evaluate(genes)).every(Number.isFinite), 'no finite number');
        } finally {
          await metric.close();
        }
      });
    }
    if (refusal !== undefined) throw refusal;
  }
  return { make, attempt, codes: ['INVALID_ARGUMENT', 'INVALID_MODEL', 'UNKNOWN_NAME'], foreign: 'onnxruntime' };
}
