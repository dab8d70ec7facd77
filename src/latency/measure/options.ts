import { checkInteger, checkKeys, checkMethod, OptiProxyError } from '../../errors.js';
import { checkSpace } from '../../space/genes.js';
import type { SearchSpace } from '../../space/types.js';
import { checkCellSpace, distinctComputations } from './cell.js';
import { skeletonOf, type NetworkShape, type Skeleton } from './network.js';

export interface MeasureOptions {
  /** A space of one cell as NAS-Bench-201's. */
  space: SearchSpace;
  /**
   * CSV file that the rows are kept in as they are measured: columns arch, latency_ms, spread_ms, runs; the settings lie
   * beside it in FILE.json.  What it has already is not measured again. @default none
   */
  out?: string | undefined;
  /** How many architectures are measured, drawn from those that compute different things. @default 200 */
  count?: number | undefined;
  /** The architectures that are measured, instead. */
  architectures?: readonly string[] | undefined;
  /** Decides what is drawn, the weights and the order. @default 0 */
  seed?: number | undefined;
  /** Images of one run. @default 1 */
  batch?: number | undefined;
  /** Channels of the first stage. @default the benchmark's: 8 for Digits-201, else 16 */
  channels?: number | undefined;
  /** Height and width of the images, pixels. @default the benchmark's: 8 for Digits-201, else 32 */
  resolution?: number | undefined;
  /** Cells of a stage. @default the benchmark's: 1 for Digits-201, else 5 */
  cells?: number | undefined;
  /** Threads of one run. @default 1 */
  threads?: number | undefined;
  /** Milliseconds of counted runs that each network has, in visits of 25 ms or three runs, if that is longer. @default 200 */
  budgetMs?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Called at the start, and when a process has timed its networks. */
  onProgress?: ((progress: MeasureProgress) => void) | undefined;
}

/** Numbers of visits: a network is timed for 25 ms at a time, all others in between. */
export interface MeasureProgress {
  readonly done: number;
  readonly total: number;
  /** Of those done, the ones that `out` had before. */
  readonly resumed: number;
}

const keys: readonly (keyof MeasureOptions)[] = ['space', 'out', 'count', 'architectures', 'seed', 'batch', 'channels', 'resolution', 'cells', 'threads', 'budgetMs', 'signal', 'onProgress']; // prettier-ignore

/** The largest values that make sense. */
export const most = {
  batch: 4096,
  channels: 4096,
  resolution: 4096,
  cells: 100,
  threads: 256,
  budgetMs: 3_600_000,
} as const;

/** Architectures where nothing is said about them. */
const COUNT = 200;

/** What is measured, and how. */
export interface MeasurePlan {
  readonly space: SearchSpace;
  /** Each once, as the space writes it. */
  readonly architectures: readonly string[];
  readonly skeleton: Skeleton;
  readonly threads: number;
  readonly seed: number;
  readonly budgetMs: number;
}

/** More are beyond the memory of what such networks are for: 64 images of 1,024 x 1,024. */
const MOST_PIXELS = 2 ** 26;

/** Checks every option and fills in the defaults. */
export function checkOptions(options: MeasureOptions): MeasurePlan {
  checkKeys('options', options, keys);
  const { space, out } = options;
  checkSpace('options.space', space);
  checkCellSpace(space);
  checkMethod('options.signal', options.signal, 'an AbortSignal');
  checkMethod('options.onProgress', options.onProgress, 'a function');
  if (out !== undefined && !(typeof out === 'string' && /[^/\\]\.csv$/.test(out))) {
    throw new OptiProxyError('INVALID_ARGUMENT', { what: 'options.out', expected: 'a name that ends in .csv', given: out }); // prettier-ignore
  }
  const shape: { -readonly [K in keyof NetworkShape]?: number } = {};
  for (const key of ['batch', 'channels', 'resolution', 'cells'] as const)
    if (options[key] !== undefined) shape[key] = checkInteger(`options.${key}`, options[key], 1, most[key]);
  const skeleton = skeletonOf(space, shape);
  const pixels = skeleton.batch * skeleton.resolution ** 2;
  if (pixels > MOST_PIXELS) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'options.batch and options.resolution',
      expected: `at most ${MOST_PIXELS} pixels in a run`,
      given: pixels,
    });
  }
  const seed = checkInteger('options.seed', options.seed ?? 0, 0, Number.MAX_SAFE_INTEGER);
  return {
    space,
    architectures: architecturesOf(options, seed),
    threads: checkInteger('options.threads', options.threads ?? 1, 1, most.threads),
    seed,
    budgetMs: checkInteger('options.budgetMs', options.budgetMs ?? 200, 1, most.budgetMs),
    skeleton,
  };
}

function architecturesOf({ space, architectures, count }: MeasureOptions, seed: number): string[] {
  if (architectures === undefined) {
    const all = distinctComputations(space, seed);
    if (count === undefined) return all.slice(0, COUNT);
    return all.slice(0, checkInteger('options.count', count, 1, all.length, `so many of ${space.id} compute something else`)); // prettier-ignore
  }
  if (count !== undefined) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'options.count',
      expected: 'either that or architectures',
      given: count,
    });
  }
  if (!Array.isArray(architectures) || architectures.length === 0) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'options.architectures',
      expected: 'a list of some architectures',
      given: architectures,
    });
  }
  return [...new Set(architectures.map((architecture) => space.format(space.parse(architecture as string))))];
}
