import { loadPbf } from '../../packages.js';

/** What NAS-Bench-101 recorded of one training. */
export interface ModelMetrics {
  readonly parameters: number;
  /** Of the last evaluation; undefined if there is none. */
  readonly last: { readonly seconds: number; readonly validation: number; readonly test: number } | undefined;
}

/**
 * Loads the decoder of `ModelMetrics`: repeated EvaluationData evaluation_data = 1; int32 trainable_parameters = 2, where
 * EvaluationData has double training_time = 2, validation_accuracy = 4, test_accuracy = 5.  The decoder throws for bytes
 * that are no such message.
 */
export async function modelMetricsDecoder(): Promise<(bytes: Uint8Array) => ModelMetrics> {
  const { PbfReader } = await loadPbf();
  return (bytes) => {
    const reader = new PbfReader(bytes);
    const metrics = { parameters: NaN, last: undefined as ModelMetrics['last'] };
    reader.readFields((tag, result, pbf) => {
      if (tag === 1) {
        expectType(pbf.type, LENGTH_DELIMITED);
        const end = pbf.readVarint() + pbf.pos;
        result.last = pbf.readFields(readEvaluation, { seconds: NaN, validation: NaN, test: NaN }, end);
        if (pbf.pos !== end) throw new Error('an evaluation that is cut off');
      } else if (tag === 2) {
        expectType(pbf.type, VARINT);
        result.parameters = pbf.readVarint(true);
      }
    }, metrics);
    if (reader.pos !== bytes.length) throw new Error('a message that is cut off');
    return metrics;
  };
}

type Reader = InstanceType<Awaited<ReturnType<typeof loadPbf>>['PbfReader']>;
type Evaluation = { -readonly [K in keyof NonNullable<ModelMetrics['last']>]: number };

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;

const evaluationFields = new Map<number, keyof Evaluation>([
  [2, 'seconds'],
  [4, 'validation'],
  [5, 'test'],
]);

function readEvaluation(tag: number, into: Evaluation, pbf: Reader): void {
  const field = evaluationFields.get(tag);
  if (field === undefined) return;
  expectType(pbf.type, FIXED64);
  into[field] = pbf.readDouble();
}

function expectType(given: number, expected: number): void {
  if (given !== expected) throw new Error(`wire type ${given} instead of ${expected}`);
}
