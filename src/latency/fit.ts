import { availableParallelism } from 'node:os';
import { checkInteger, OptiProxyError, throwIfAborted } from '../errors.js';
import { version } from '../metadata.js';
import { encodeModel } from '../onnx/write.js';
import { standardise, softLog, type CurvedLabels } from '../proxy/labels.js';
import type { WorkContext } from '../proxy/slices.js';
import { geneCount, keepGenes } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import { relativeWidth, spreadOf, validate, type QualityCard } from './card.js';
import { differenceFromRuntime } from './check.js';
import { gcnModel } from './export.js';
import { foldsOf } from './folds.js';
import { calibrate, slopeAt, type Held } from './interval.js';
import { Learner, SHAPE } from './learner.js';
import { checkValid } from './valid.js';

/** Fewer say nothing of a space. */
const LEAST = 10;
/** What float32 holds with room for a factor. */
const [SMALLEST, LARGEST] = [1e-30, 1e30];

export interface LatencyOptions {
  space: SearchSpace;
  /** What was measured. */
  measurements: Measurements;
  /** Name of what was measured: the output of the model. */
  metric: string;
  /** Its unit, as the card and the model state it. */
  unit?: string | undefined;
  /** Of folds and parameters; the same seed gives the same bytes. @default 0 */
  seed?: number | undefined;
  /** Threads of the native core, 1..256; results do not depend on it. @default all */
  threads?: number | undefined;
  /** An abort rejects with `ABORTED`. */
  signal?: AbortSignal | undefined;
  /** Part that is done, 0..1. */
  onProgress?: ((fraction: number) => void) | undefined;
}

export interface Measurements {
  /** Genes (n, G), each architecture once, as `TabularOracle.architectures` gives them; n >= 10. */
  readonly architectures: Uint8Array;
  /** (n) */
  readonly values: ArrayLike<number>;
  /** For the card: rows that are part of a mean above, and rows that were left out. @default 0 */
  readonly repeated?: number;
  readonly skipped?: number;
}

export interface LatencyFit {
  /** Bytes of the ONNX model (`gcnModel` says what it reads and gives). */
  readonly model: Uint8Array;
  readonly card: QualityCard;
  /**
   * Largest difference between the model in onnxruntime and the native one, over 1,000 random architectures, relative to the
   * value, or to the measurements' deviation where that is more; undefined where onnxruntime-node is not installed.
   */
  readonly checked: number | undefined;
}

/**
 * Fits an ensemble of graph convolutional networks to measurements of a space and makes an ONNX model of it, with its quality
 * by cross-validation (docs/latency.md).  Rejects with `INVALID_ARGUMENT` for fewer than ten measurements or one that is not
 * finite, `INVALID_ARCHITECTURE` for one that breaks a constraint of the space, `ABORTED`.
 */
export async function fitLatency(options: LatencyOptions): Promise<LatencyFit> {
  const { space, metric, unit, seed = 0, threads = availableParallelism(), signal, onProgress } = options;
  checkInteger('options.seed', seed, 0, Number.MAX_SAFE_INTEGER);
  checkInteger('options.threads', threads, 1, 256);
  const { architectures, repeated = 0, skipped = 0 } = options.measurements;
  const values = checkValues(space, options.measurements);
  checkValid(space, architectures);
  const { fold, count, groups } = foldsOf(space.keys(architectures), seed);
  if (groups < 2) fail('measurements', 'at least two architectures that are not the same', groups);
  const learner = new Learner(space, threads);
  try {
    const context = (round: number): WorkContext => ({
      signal,
      onProgress: (done) => onProgress?.((round + done) / (count + 1)),
    });
    const labelsOf = values.every((v) => v >= 0) ? softLog : standardise;
    const fit = async (kept: (i: number) => boolean, round: number): Promise<CurvedLabels> => {
      const labels = labelsOf(values.filter((_, i) => kept(i)));
      const genes = keepGenes(architectures, geneCount(space.program), kept);
      await learner.learn(genes, labels.targets, { seed, round }, context(round));
      return labels;
    };
    const held: Held[] = [];
    for (let f = 0; f < count; ++f) {
      const labels = await fit((i) => fold[i] !== f, f);
      const genes = keepGenes(architectures, geneCount(space.program), (i) => fold[i] === f);
      const { means, spreads } = await learner.predict(genes, { signal });
      values
        .filter((_, i) => fold[i] === f)
        .forEach((value, at) => {
          const predicted = labels.invert(means[at]!);
          held.push({ fold: f, value, predicted, slope: slopeAt(labels.curve, means[at]!), spread: spreads[at]! });
        });
    }
    const labels = await fit(() => true, count);
    const uncertainty = calibrate(held);
    const card: QualityCard = {
      schema: 1,
      space: space.id,
      metric,
      unit: unit ?? null,
      measurements: values.length,
      distinct: groups,
      repeated,
      skipped,
      spread: spreadOf(values),
      labels: labelsOf === standardise ? 'standard' : 'log',
      model: SHAPE,
      validation: validate(held, count),
      interval: { level: 0.9, from: 'cross-validated residuals', relative: relativeWidth(held) },
      seed,
      version,
    };
    const trained = { graph: space.program, shape: SHAPE, parameters: learner.parameters(), curve: labels.curve, uncertainty, metric }; // prettier-ignore
    const metadata = {
      space: space.id,
      isomorphism: space.isomorphism,
      metric,
      unit: unit ?? '',
      card: JSON.stringify(card),
    };
    const model = await encodeModel(gcnModel(trained, metadata));
    throwIfAborted('fit', signal);
    const native = { predict: (genes: Uint8Array) => learner.predict(genes, { signal }), labels, uncertainty };
    return {
      model,
      card,
      checked: await differenceFromRuntime(model, space, metric, native, {
        seed,
        threads,
        scale: card.spread.deviation,
      }),
    };
  } finally {
    learner.close();
  }
}

function checkValues(space: SearchSpace, { architectures, values }: Measurements): number[] {
  const count = architectures.length / geneCount(space.program);
  if (values.length !== count) fail('measurements', `${count} values, one an architecture`, values.length);
  if (count < LEAST) fail('measurements', `at least ${LEAST} architectures`, count);
  const all = Array.from(values);
  const wrong = all.find((value) => {
    const size = Math.abs(value);
    return !(size === 0 || (size >= SMALLEST && size <= LARGEST));
  });
  if (wrong !== undefined) fail('measurements', 'numbers of a size that float32 holds', wrong);
  return all;
}

function fail(what: string, expected: string, given: unknown): never {
  throw new OptiProxyError('INVALID_ARGUMENT', { what, expected, given });
}
