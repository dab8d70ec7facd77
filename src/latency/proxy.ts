import { encodeModel } from '../onnx/write.js';
import type { Learnt } from '../proxy/ensemble.js';
import type { SearchSpace } from '../space/types.js';
import { differenceFromRuntime } from './check.js';
import { gcnModel, type TrainedGcn } from './export.js';
import type { Meaning } from './learn.js';
import { Network } from './network.js';
import { combineHeads } from './parameters.js';

/** The proxy of a search as an ONNX model, which reads and gives what those of `fitLatency` do. */
export interface ProxyModel {
  readonly bytes: Uint8Array;
  /** See `LatencyFit.checked`. */
  readonly checked: number | undefined;
}

/** What is exported, and what is said of it. */
export interface ProxyExport {
  readonly metric: string;
  readonly goal: 'maximize' | 'minimize';
  readonly metadata: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly threads: number;
}

/** The members' disagreement is all that a search's proxy knows of its errors. */
const SPREAD = { factor: 1, floor: 0 };

/**
 * The GCNs that a search learnt, whose first output is the objective turned so that larger is better, as a model of the
 * objective as it is; `deviation` is the members' disagreement.  Rejects with `INVALID_ARGUMENT` for a metric that is called like
 * an input of the model, `INTERNAL` if onnxruntime computes something else.
 */
export async function exportProxy(space: SearchSpace, learnt: Learnt, wanted: ProxyExport): Promise<ProxyModel> {
  const { metric, goal, metadata, seed, threads } = wanted;
  const { hidden, layers, members, outputs } = learnt.config;
  const shape = { hidden, layers, members };
  const first = Array.from({ length: outputs }, (_, o) => (o === 0 ? 1 : 0));
  const parameters = combineHeads(learnt.parameters, { ...shape, features: space.program.features }, first);
  const meaning = goal === 'maximize' ? learnt.labels : turned(learnt.labels);
  const { curve } = meaning;
  const trained: TrainedGcn = { graph: space.program, shape, parameters, curve, uncertainty: SPREAD, metric };
  const bytes = await encodeModel(
    gcnModel(trained, { ...metadata, space: space.id, isomorphism: space.isomorphism, metric }),
  );
  const network = new Network(space, threads, shape);
  try {
    network.restore(parameters);
    const native = { predict: (genes: Uint8Array) => network.predict(genes, {}), meaning, uncertainty: SPREAD };
    return { bytes, checked: await differenceFromRuntime(bytes, space, metric, native, { seed, threads }) };
  } finally {
    network.close();
  }
}

/** What targets mean, of the values' negatives. */
function turned({ invert, curve }: Meaning): Meaning {
  const { slope, intercept, exponential } = curve;
  return {
    invert: (target) => -invert(target),
    curve:
      exponential === undefined
        ? { slope: -slope, intercept: -intercept }
        : { slope, intercept, exponential: { factor: -exponential.factor, offset: -exponential.offset } },
  };
}
