import { OptiProxyError } from '../errors.js';
import type { GraphProgram, SearchSpace } from './types.js';

export interface EdgeCellOptions {
  id: string;
  description: string;
  /** Nodes of the cell, its input included. */
  cellNodes: number;
  operations: readonly string[];
}

/**
 * A space of cells whose edges carry operations, as in NAS-Bench-201: every node sums what arrives on its edges from all
 * earlier nodes.  Architectures are written `|op~0|+|op~0|op~1|+...`: one group a node, one `operation~source` an edge.
 */
export function edgeCellSpace({ id, description, cellNodes, operations }: EdgeCellOptions): SearchSpace {
  const edges: [number, number][] = [];
  for (let to = 1; to < cellNodes; ++to) for (let from = 0; from < to; ++from) edges.push([from, to]);
  const position = new Map(operations.map((name, i) => [name, i]));
  return {
    id,
    description,
    size: operations.length ** edges.length,
    operations,
    edges,
    program: lineGraph(edges, cellNodes, operations.length),
    parse: (architecture) => parseCell(id, architecture, cellNodes, position),
    format: (genes) => {
      checkGenes(id, genes, edges.length, operations.length);
      return formatCell(genes, cellNodes, operations);
    },
  };
}

/**
 * The graph that the proxy sees: one node for each edge of the cell, between an input and an output node; two of them are
 * joined where one edge ends in the cell node that the other leaves.  Features: input, the operations, output.
 */
function lineGraph(edges: readonly [number, number][], cellNodes: number, choices: number): GraphProgram {
  const output = edges.length + 1;
  const fixedEdges: number[] = [];
  edges.forEach(([from, to], e) => {
    if (from === 0) fixedEdges.push(0, 1 + e);
    if (to === cellNodes - 1) fixedEdges.push(1 + e, output);
    edges.forEach(([start], f) => {
      if (start === to) fixedEdges.push(1 + e, 1 + f);
    });
  });
  return {
    nodes: output + 1,
    features: choices + 2,
    choices,
    variableNodes: Int32Array.from(edges, (_, e) => 1 + e),
    choiceFeatures: Int32Array.from({ length: choices }, (_, c) => 1 + c),
    fixedFeatures: Int32Array.of(0, 0, output, choices + 1),
    fixedEdges: Int32Array.from(fixedEdges),
    freeEdges: new Int32Array(),
  };
}

function parseCell(id: string, text: unknown, cellNodes: number, position: ReadonlyMap<string, number>): Uint8Array {
  const operations = [...position.keys()];
  const fail = (where: string, expected: string, given: unknown): never => {
    throw new OptiProxyError('INVALID_ARCHITECTURE', {
      what: `${id} architecture${where}`,
      expected,
      given,
      hint: `like ${formatCell(new Uint8Array((cellNodes * (cellNodes - 1)) / 2), cellNodes, operations)}`,
    });
  };
  if (typeof text !== 'string') return fail('', 'a string', text);
  if (text.length > 10_000) return fail('', 'at most 10000 characters', text);
  const groups = text.split('+');
  if (groups.length !== cellNodes - 1) fail('', `${cellNodes - 1} groups joined by "+"`, text);
  const genes: number[] = [];
  groups.forEach((group, index) => {
    const node = index + 1;
    const where = `, node ${node}`;
    if (!group.startsWith('|') || !group.endsWith('|') || group.length < 2)
      fail(where, 'a group between "|" and "|"', group);
    const parts = group.slice(1, -1).split('|');
    if (parts.length !== node) fail(where, `${node} ${node === 1 ? 'edge' : 'edges'}`, group);
    parts.forEach((part, source) => {
      const at = part.lastIndexOf('~');
      const name = at < 0 ? part : part.slice(0, at);
      const operation = position.get(name);
      const edge = `${where}, edge from ${source}`;
      if (at < 0 || part.slice(at + 1) !== String(source)) fail(edge, `"operation~${source}"`, part);
      if (operation === undefined) return fail(edge, `one of ${operations.join(', ')}`, name);
      return genes.push(operation);
    });
  });
  return Uint8Array.from(genes);
}

function checkGenes(id: string, genes: Uint8Array, edges: number, choices: number): void {
  if (!ArrayBuffer.isView(genes) || genes.length !== edges || genes.some((gene) => gene >= choices)) {
    throw new OptiProxyError('INVALID_ARCHITECTURE', {
      what: `${id} genes`,
      expected: `${edges} bytes from 0 to ${choices - 1}`,
      given: ArrayBuffer.isView(genes) ? `[${genes.join(', ')}]` : genes,
    });
  }
}

function formatCell(genes: Uint8Array, cellNodes: number, operations: readonly string[]): string {
  const groups: string[] = [];
  let gene = 0;
  for (let node = 1; node < cellNodes; ++node) {
    const parts = Array.from({ length: node }, (_, source) => `${operations[genes[gene++]!]!}~${source}`);
    groups.push(`|${parts.join('|')}|`);
  }
  return groups.join('+');
}
