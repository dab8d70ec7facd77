import { OptiProxyError } from '../errors.js';
import { ByteIndex } from '../oracle/byte-index.js';
import { Ensemble } from '../proxy/ensemble.js';
import type { CurvedLabels } from '../proxy/labels.js';
import type { WorkContext } from '../proxy/slices.js';
import { geneCount } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import { ridge } from '../statistics/ridge.js';
import { labelsFor, type Learn, type Meaning } from './learn.js';
import { planFor, SHAPE, type Network, type Stream } from './network.js';
import { combineHeads } from './parameters.js';

/** Another device's measurements of the same space. */
export interface Source {
  readonly name: string;
  /** Genes (n, G), each architecture once. */
  readonly architectures: Uint8Array;
  /** (n) */
  readonly values: ArrayLike<number>;
}

/** Architectures that all sources must have at least. */
const LEAST_SHARED = 100;
/** Of a source's weight beside the mean of all, targets being of deviation 1. */
const PENALTY = 0.3;

/**
 * Few-shot transfer.  Networks with one output a source learn all sources at once; what they have in common is what a device
 * of that kind can be.  A new device is taken for a mixture of them: its head is the combination of theirs that fits its
 * measurements (a ridge regression towards equal parts), which needs no more than ten.  Resolves to what teaches a network
 * so.  Throws `INVALID_ARGUMENT` if the sources share too few architectures.
 */
export async function fromSources(
  space: SearchSpace,
  sources: readonly Source[],
  labelsOf: (values: readonly number[]) => CurvedLabels,
  threads: number,
  stream: Stream,
  context: WorkContext,
): Promise<Learn> {
  const { genes, targets } = sharedTargets(space, sources);
  const outputs = sources.length;
  const ensemble = new Ensemble(space, { kind: 'gcn', ...SHAPE, outputs, threads });
  let parameters: Float32Array;
  try {
    ensemble.initialise(stream.seed, stream.round);
    await ensemble.fit(genes, targets, planFor(targets.length / outputs, stream), context);
    parameters = ensemble.snapshot();
  } finally {
    ensemble.close();
  }
  const headed = (weights: ArrayLike<number>): Float32Array =>
    combineHeads(parameters, { ...SHAPE, features: space.program.features }, weights);
  return async (network, genes, values, _stream, { signal }) => {
    const labels = labelsOf(values);
    const { constant, weights } = mixture(await readOut(network, outputs, headed, genes, signal), labels.targets);
    network.restore(headed(weights));
    return shifted(labels, constant);
  };
}

/** The architectures that all sources have, and their targets (n, O). */
function sharedTargets(
  { program }: SearchSpace,
  sources: readonly Source[],
): { genes: Uint8Array; targets: Float32Array } {
  const width = geneCount(program);
  const indices = sources.map(({ architectures }) => {
    const index = new ByteIndex(width);
    for (let at = 0; at < architectures.length; at += width) index.add(architectures, at);
    return index;
  });
  const first = sources[0]!.architectures;
  const rows = Array.from({ length: first.length / width }, (_, i) => indices.map((index) => index.find(first, i * width))); // prettier-ignore
  const shared = rows.filter((row) => row.every((place) => place >= 0));
  if (shared.length < LEAST_SHARED) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'sources',
      expected: `at least ${LEAST_SHARED} architectures that all of them have`,
      given: shared.length,
    });
  }
  const columns = sources.map(({ values }, s) => {
    const own = shared.map((row) => values[row[s]!]!);
    return labelsFor(own)(own).targets;
  });
  const genes = new Uint8Array(shared.length * width);
  const targets = new Float32Array(shared.length * sources.length);
  shared.forEach((row, i) => {
    genes.set(first.subarray(row[0]! * width, (row[0]! + 1) * width), i * width);
    columns.forEach((column, s) => (targets[i * sources.length + s] = column[i]!));
  });
  return { genes, targets };
}

/** What is predicted of each source: rows (n, O). */
async function readOut(
  network: Network,
  outputs: number,
  headed: (weights: ArrayLike<number>) => Float32Array,
  genes: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<number[][]> {
  const rows: number[][] = [];
  for (let o = 0; o < outputs; ++o) {
    network.restore(headed(Float64Array.from({ length: outputs }, (_, other) => (other === o ? 1 : 0))));
    const { means } = await network.predict(genes, { signal });
    means.forEach((mean, i) => (rows[i] ??= []).push(mean));
  }
  return rows;
}

/** The mixture of the columns of rows (n, O) that targets (n) are: a free multiple of their mean, and penalised differences. */
function mixture(rows: readonly number[][], targets: Float32Array): { constant: number; weights: Float64Array } {
  const outputs = rows[0]!.length;
  const centred = rows.map((row) => {
    const mean = row.reduce((sum, x) => sum + x, 0) / outputs;
    return [1, mean, ...row.map((x) => x - mean)];
  });
  const free = 1e-9;
  const [constant, slope, ...parts] = ridge(centred, targets, [free, free, ...Array<number>(outputs).fill(PENALTY)]);
  const rest = slope! - parts.reduce((sum, part) => sum + part, 0);
  return { constant: constant!, weights: Float64Array.from(parts, (part) => part + rest / outputs) };
}

/** Labels of what a network says, who leaves out a constant as it has no bias. */
function shifted({ invert, curve }: Meaning, constant: number): Meaning {
  return {
    invert: (target) => invert(target + constant),
    curve: { ...curve, intercept: curve.intercept + curve.slope * constant },
  };
}
