import type { SearchSpace } from './types.js';

/** Texts of the keys of these, each of one or more architectures: two that are the same query have the same. */
export function keysOf(space: SearchSpace, genes: readonly Uint8Array[]): string[] {
  const keys = Buffer.from(space.keys(new Uint8Array(Buffer.concat(genes)))).toString('latin1');
  return Array.from({ length: keys.length / 16 }, (_, i) => keys.slice(16 * i, 16 * i + 16));
}
