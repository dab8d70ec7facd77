import { availableParallelism } from 'node:os';
import { checkInteger, checkKeys, checkMethod, OptiProxyError, throwIfAborted } from '../errors.js';
import { version } from '../metadata.js';
import { encodeModel } from '../onnx/write.js';
import type { WorkContext } from '../proxy/slices.js';
import { checkSpace, geneCount } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import { relativeWidth, spreadOf, validate, type QualityCard } from './card.js';
import { differenceFromRuntime } from './check.js';
import { checkMetric, gcnModel } from './export.js';
import { foldsOf } from './folds.js';
import { calibrate, LEVEL, type Held } from './interval.js';
import { fromScratch, labelsFor, type Learn } from './learn.js';
import { Network, SHAPE } from './network.js';
import type { LatencyModel } from './predict.js';
import { fromSources, type Source } from './transfer.js';
import { checkValid } from './valid.js';
import { crossValidate, meanError } from './validate.js';

/** Fewer say nothing of a space. */
export const LEAST = 10;
/** With sources, from so many measurements on it is judged whether they help: below, the judgement would be of chance. */
const JUDGED_FROM = 50;
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
  /**
   * The same of other devices, of which these are few: with them ten or twenty measurements do (docs/latency.md). They share at
   * least 100 architectures. @default none
   */
  sources?: readonly Source[] | undefined;
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

export interface LatencyFit extends LatencyModel {
  /**
   * Largest difference between the model in onnxruntime and the native one, over 1,000 random architectures, relative to the
   * value, or to what a deviation of the targets comes to where that is more; undefined where onnxruntime-node is not installed.
   */
  readonly checked: number | undefined;
}

const keys: readonly (keyof LatencyOptions)[] = ['space', 'measurements', 'metric', 'unit', 'sources', 'seed', 'threads', 'signal', 'onProgress']; // prettier-ignore

/** A way to learn, from these other devices. */
interface Way {
  readonly learn: Learn;
  readonly sources: readonly Source[];
}

/**
 * Fits an ensemble of graph convolutional networks to measurements of a space and makes an ONNX model of it, with its quality
 * by cross-validation (docs/latency.md).  Rejects with `INVALID_ARGUMENT` for fewer than ten measurements, one that is not
 * finite, or sources that share too little; `INVALID_ARCHITECTURE` for one that breaks a constraint of the space; `ABORTED`.
 */
export async function fitLatency(options: LatencyOptions): Promise<LatencyFit> {
  checkKeys('options', options, keys);
  const { space, metric, unit, sources = [], seed = 0, threads = availableParallelism(), signal } = options;
  checkSpace('options.space', space);
  checkKeys('options.measurements', options.measurements, ['architectures', 'values', 'repeated', 'skipped']);
  checkMethod('options.signal', signal, 'an AbortSignal');
  checkMethod('options.onProgress', options.onProgress, 'a function');
  checkMetric(metric);
  checkInteger('options.seed', seed, 0, Number.MAX_SAFE_INTEGER);
  checkInteger('options.threads', threads, 1, 256);
  const { architectures, repeated = 0, skipped = 0 } = options.measurements;
  const values = checkValues(space, 'measurements', options.measurements);
  for (const source of sources) checkValues(space, `source ${source.name}`, source);
  const folds = foldsOf(space.keys(architectures), seed);
  if (folds.groups < 2) fail('measurements', 'at least two architectures that are not the same', folds.groups);
  const labelsOf = labelsFor(values);
  // Of few measurements others' say more; of more that is found out.
  const both = sources.length > 0 && values.length >= JUDGED_FROM;
  const total = (sources.length > 0 ? 1 : 0) + (both ? 2 : 1) * folds.count + 1;
  let begun = 0;
  const context = (): WorkContext => {
    const before = begun++;
    return { signal, onProgress: (part) => options.onProgress?.((before + part) / total) };
  };
  const network = new Network(space, threads);
  try {
    const ways: Way[] = [];
    if (sources.length > 0) ways.push({ learn: await fromSources(space, sources, labelsOf, threads, { seed, round: folds.count + 1 }, context()), sources }); // prettier-ignore
    if (sources.length === 0 || both) ways.push({ learn: fromScratch(labelsOf), sources: [] });
    const judged: (Way & { held: readonly Held[] })[] = [];
    for (const way of ways) {
      const samples = { genes: architectures, values, folds };
      judged.push({ ...way, held: await crossValidate(space, network, way.learn, samples, seed, context) });
    }
    const best = judged.reduce((least, way) => (meanError(way.held) < meanError(least.held) ? way : least));
    const { held } = best;
    const meaning = await best.learn(network, architectures, values, { seed, round: folds.count }, context());
    const uncertainty = calibrate(held);
    const card: QualityCard = {
      schema: 1,
      space: space.id,
      isomorphism: space.isomorphism,
      metric,
      unit: unit ?? null,
      measurements: values.length,
      distinct: folds.groups,
      repeated,
      skipped,
      spread: spreadOf(values),
      sources: best.sources.map(({ name }) => name),
      model: SHAPE,
      validation: validate(held, folds.count),
      interval: { level: LEVEL, from: 'cross-validated residuals', relative: relativeWidth(held) },
      seed,
      version,
    };
    const trained = { graph: space.program, shape: SHAPE, parameters: network.parameters(), curve: meaning.curve, uncertainty, metric }; // prettier-ignore
    const metadata = { space: space.id, isomorphism: space.isomorphism, metric, unit: unit ?? '', card: JSON.stringify(card) }; // prettier-ignore
    const bytes = await encodeModel(gcnModel(trained, metadata));
    throwIfAborted('fit', signal);
    const native = { predict: (genes: Uint8Array) => network.predict(genes, { signal }), meaning, uncertainty };
    return {
      bytes,
      card,
      checked: await differenceFromRuntime(bytes, space, metric, native, { seed, threads }),
    };
  } finally {
    network.close();
  }
}

/** The values of measurements, or of a source, which all must be. */
function checkValues(
  space: SearchSpace,
  what: string,
  { architectures, values }: Pick<Measurements, 'architectures' | 'values'>,
): number[] {
  const count = architectures.length / geneCount(space.program);
  if (values.length !== count) fail(what, `${count} values, one an architecture`, values.length);
  if (count < LEAST) fail(what, `at least ${LEAST} architectures`, count);
  const all = Array.from(values);
  const wrong = all.find((value) => {
    const size = Math.abs(value);
    return !(size === 0 || (size >= SMALLEST && size <= LARGEST));
  });
  if (wrong !== undefined) fail(what, 'numbers of a size that float32 holds', wrong);
  checkValid(space, architectures);
  return all;
}

function fail(what: string, expected: string, given: unknown): never {
  throw new OptiProxyError('INVALID_ARGUMENT', { what, expected, given });
}
