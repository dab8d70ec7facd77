import { setImmediate } from 'node:timers/promises';
import { throwIfAborted } from '../errors.js';
import type { NativePool, ScanPlan, Scorer } from '../native.js';

/** Native work between two looks at the abort signal. An AsyncWorker round trip costs about 20 us, 0.2 % of it. */
export const SLICE_MS = 10;
/** Candidates in the first slice of a scoring; later ones aim at SLICE_MS, since the more at once, the more rows repeat. */
const FIRST_CANDIDATES = 1024;

/** What long work reports to and is stopped by. */
export interface WorkContext {
  readonly signal?: AbortSignal | undefined;
  /** Part that is done, 0..1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Calls `slice` until it resolves to 1. */
export async function slices(
  what: string,
  slice: () => Promise<number>,
  { signal, onProgress }: WorkContext,
): Promise<void> {
  for (let done = 0; done < 1;) {
    throwIfAborted(what, signal);
    done = await slice();
    onProgress?.(done);
  }
}

/** Slices of `limit` candidates that grow or shrink until one takes about SLICE_MS; no result depends on the cut. */
function paced(slice: (limit: number) => Promise<number>): () => Promise<number> {
  let limit = FIRST_CANDIDATES;
  return async () => {
    const start = performance.now();
    const done = await slice(limit);
    const spent = performance.now() - start;
    if (spent < SLICE_MS / 2) limit *= 2;
    else if (spent > SLICE_MS * 2) limit = Math.max(64, limit / 2);
    return done;
  };
}

/** Scores all candidates of the pool that have no score yet. */
export async function scorePool(pool: NativePool, scorer: Scorer, context: WorkContext): Promise<void> {
  await slices(
    'scoring',
    paced((limit) => pool.score(scorer, limit)),
    context,
  );
}

/** Scores this many by a synchronous function of the first and the one past the last, which others have turns between. */
export async function scoreParts(
  count: number,
  score: (from: number, to: number) => void,
  context: WorkContext,
): Promise<void> {
  let at = 0;
  const part = async (limit: number): Promise<number> => {
    const to = Math.min(count, at + limit);
    score(at, to);
    at = to;
    await setImmediate();
    return count === 0 ? 1 : at / count;
  };
  await slices('scoring', paced(part), context);
}

/** Adds the best of many architectures, or of the whole space, to the pool. */
export async function scanPool(pool: NativePool, scorer: Scorer, plan: ScanPlan, context: WorkContext): Promise<void> {
  pool.beginScan(scorer, plan);
  await slices(
    'scan',
    paced((limit) => pool.scan(scorer, limit)),
    context,
  );
}
