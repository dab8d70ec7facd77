import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { OptiProxyError, throwIfAborted } from '../errors.js';
import { readMetadata } from '../onnx/metadata.js';
import { Session } from '../onnx/session.js';
import { geneCount } from '../space/genes.js';
import { isomorphisms, type SearchSpace } from '../space/types.js';
import type { QualityCard } from './card.js';
import { intervalOf } from './interval.js';
import { checkValid } from './valid.js';

/** A model that `fitLatency` made. */
export interface LatencyModel {
  /** Of the ONNX file (`gcnModel` says what it reads and gives). */
  readonly bytes: Uint8Array;
  readonly card: QualityCard;
}

export interface Prediction {
  readonly architecture: string;
  /** In the metric's unit. */
  readonly value: number;
  /** What holds a measurement nine times in ten, as cross-validation found. */
  readonly interval: readonly [low: number, high: number];
}

/** Architectures between two looks at the signal. */
const AT_ONCE = 16_384;

const figure = z.number().nullable();
const count = z.number().int().min(0);

/** A card as `fitLatency` writes it; a later version may say more. */
const cardSchema: z.ZodType<QualityCard> = z.looseObject({
  schema: z.literal(1),
  space: z.string(),
  isomorphism: z.enum(isomorphisms),
  metric: z.string(),
  unit: z.string().nullable(),
  measurements: count,
  distinct: count,
  repeated: count,
  skipped: count,
  spread: z.looseObject({ min: z.number(), median: z.number(), max: z.number(), deviation: z.number() }),
  sources: z.array(z.string()),
  model: z.looseObject({ members: count, layers: count, hidden: count }),
  validation: z.looseObject({
    folds: count,
    kendall: figure,
    spearman: figure,
    mape: figure,
    medianError: figure,
    within5: z.number(),
    within10: z.number(),
    coverage: z.number(),
  }),
  interval: z.looseObject({ level: z.number(), from: z.literal('cross-validated residuals'), relative: figure }),
  seed: z.number(),
  version: z.string(),
});

/** Reads the file of a model.  Rejects with `INVALID_ARGUMENT` if there is none, or if it is none of `fitLatency`. */
export async function readLatencyModel(file: string): Promise<LatencyModel> {
  const fail = (given: string, cause?: unknown): never => {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: file,
      expected: 'a model that `optiproxy latency fit` wrote',
      given,
      cause,
    });
  };
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => fail(cause.code ?? cause.message, cause));
  const metadata = await readMetadata(bytes).catch((cause: Error) => fail(cause.message, cause));
  const { card: text } = metadata;
  if (text === undefined) return fail('one without a card');
  try {
    return { bytes, card: cardSchema.parse(JSON.parse(text)) };
  } catch (cause) {
    return fail(text, cause);
  }
}

/**
 * What a model predicts of architectures of the space that it was fitted to.  Rejects with `INVALID_ARCHITECTURE` for a text
 * that is none of the space or breaks a constraint of it, `INVALID_ARGUMENT` for another space or rule of what is the same,
 * `RUNTIME_MISSING` without onnxruntime-node, `ABORTED`.
 */
export async function predictLatency(
  model: LatencyModel,
  space: SearchSpace,
  architectures: readonly string[],
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Prediction[]> {
  const { card, bytes } = model;
  const [wanted, given] = [card, { space: space.id, isomorphism: space.isomorphism }].map(
    (one) => `${one.space} with isomorphism ${one.isomorphism}`,
  );
  if (wanted !== given)
    throw new OptiProxyError('INVALID_ARGUMENT', { what: 'space of the model', expected: wanted!, given });
  const genes = new Uint8Array(architectures.length * geneCount(space.program));
  architectures.forEach((text, i) => genes.set(space.parse(text), i * geneCount(space.program)));
  checkValid(space, genes);
  const example = space.parse(space.example);
  const session = await Session.open({
    model: bytes,
    program: space.program,
    example,
    output: card.metric,
    also: ['deviation'],
  });
  const predictions: Prediction[] = [];
  try {
    const step = AT_ONCE * geneCount(space.program);
    for (let at = 0; at < genes.length; at += step) {
      throwIfAborted('prediction', signal);
      const [values, deviations] = await session.evaluate(genes.subarray(at, at + step));
      values!.forEach((value, i) => {
        const architecture = architectures[predictions.length]!;
        predictions.push({ architecture, value, interval: intervalOf(value, deviations![i]!) });
      });
    }
  } finally {
    await session.close();
  }
  return predictions;
}
