import { native, type NativePool } from '../native.js';
import type { SearchSpace } from '../space/types.js';

/** A native pool over a space, or over the genes (n, G) of the only architectures of it that can be queried. */
export function openPool(space: SearchSpace, only?: Uint8Array): NativePool {
  const pool = new (native().Pool)(space.program);
  if (only !== undefined) pool.restrict(only);
  return pool;
}

/** (n, G) bytes as n separate architectures. */
export function splitGenes(all: Uint8Array, genes: number): Uint8Array[] {
  return Array.from({ length: all.length / genes }, (_, i) => all.slice(i * genes, (i + 1) * genes));
}

/** Why a pool had fewer architectures than were asked for. */
export function shortfallOf(pool: NativePool): string {
  const { known, invalid, outside } = pool.tally();
  const seen = known > 0 ? 'what was found had been asked before' : 'nothing was found';
  if (invalid === 0 && outside === 0) return `no architecture is left: ${seen}`;
  const others = [
    ...(invalid > 0 ? [`${invalid} draws broke a constraint of the space`] : []),
    ...(outside > 0 ? [`${outside} cannot be queried`] : []),
  ];
  return `no new architecture was found: ${seen}, ${others.join(', ')}`;
}
