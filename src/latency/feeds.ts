import type { NativeSpace } from '../native.js';
import type { Feeds } from '../onnx/run.js';
import { coreOf } from '../space/explore.js';
import { geneCount } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';

/** Architectures that a model is run on at once. */
const BATCH = 1024;

/** What an exported model reads of genes (n, G), in batches. */
export function* feedsOf(space: SearchSpace, genes: Uint8Array): Generator<Feeds> {
  const core = coreOf(space);
  const bytes = BATCH * geneCount(space.program);
  for (let at = 0; at < genes.length; at += bytes) yield feedOf(space, core, genes.subarray(at, at + bytes));
}

function feedOf({ program }: SearchSpace, core: NativeSpace, genes: Uint8Array): Feeds {
  const { nodes, features } = program;
  const batch = genes.length / geneCount(program);
  const { x, out } = core.encode(genes);
  // One matrix stands for all graphs where no gene decides an edge.
  const adjacency = Float32Array.from({ length: batch * nodes * nodes }, (_, at) =>
    out[at % out.length]! > 0 && (at % (nodes * nodes)) % (nodes + 1) !== 0 ? 1 : 0,
  );
  return {
    adjacency: { data: adjacency, shape: [batch, nodes, nodes] },
    operations: { data: x, shape: [batch, nodes, features] },
    sizes: { data: new BigInt64Array(batch).fill(BigInt(nodes)), shape: [batch] },
  };
}
