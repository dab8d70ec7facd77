import { complain, type KeyPath } from '../../yaml.js';
import type { ProgramBuilder } from './builder.js';
import type { EdgesLayout } from './layout.js';
import type { EdgesCellFile } from './schema.js';

/**
 * A cell whose edges carry operations, as the proxy sees it: its line graph. One node for each edge, between an input and
 * an output node; two of them are joined where one edge ends in the vertex that the other leaves.
 */
export function compileEdges(
  builder: ProgramBuilder,
  path: KeyPath,
  name: string,
  prefix: string,
  cell: EdgesCellFile,
): EdgesLayout {
  const { vertices, operations } = cell;
  const ends: [number, number][] = [];
  for (let to = 1; to < vertices; ++to) for (let from = 0; from < to; ++from) ends.push([from, to]);
  const valueOf = (key: 'zero' | 'identity'): number => {
    const given = cell[key];
    if (given === undefined) return -1;
    const value = operations.indexOf(given);
    if (value < 0) complain(builder.source, [...path, key], { expected: `one of ${operations.join(', ')}`, given });
    return value;
  };

  const column = `${name}:`;
  const input = builder.node(`${prefix}input`);
  builder.fix(input, `${column}input`);
  const triples: number[] = [];
  const nodes = ends.map(([from, to]) => {
    const node = builder.node(`${prefix}${from}-${to}`);
    const gene = builder.gene(path, { name: `${prefix}${from}-${to}`, values: operations, node });
    builder.use(gene, node, `${column}=`);
    triples.push(from, to, gene);
    return node;
  });
  const output = builder.node(`${prefix}output`);
  builder.fix(output, `${column}output`);

  ends.forEach(([from, to], e) => {
    if (from === 0) builder.edge({ from: input, to: nodes[e]! });
    if (to === vertices - 1) builder.edge({ from: nodes[e]!, to: output });
    ends.forEach(([start], f) => {
      if (start === to) builder.edge({ from: nodes[e]!, to: nodes[f]! });
    });
  });
  builder.section(path, { name, first: input, inputs: [input], outputs: [output] });
  const ascending = [...operations].sort((a, b) => (a < b ? -1 : 1));
  builder.edgeCell({
    vertices,
    edges: Int32Array.from(triples),
    zero: valueOf('zero'),
    identity: valueOf('identity'),
    ranks: Int32Array.from(operations, (operation) => ascending.indexOf(operation)),
  });
  return { on: 'edges', name };
}
