import type { GraphProgram } from './types.js';

/** G, bytes of an architecture: one a variable node, one a free edge. */
export function geneCount({ variableNodes, freeEdges }: GraphProgram): number {
  return variableNodes.length + freeEdges.length / 2;
}
