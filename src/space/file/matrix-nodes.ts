import { complain, type KeyPath } from '../../yaml.js';
import type { ProgramBuilder } from './builder.js';
import type { NodesLayout } from './layout.js';
import type { NodesCellFile } from './schema.js';

/** The short form of a cell with operations on its nodes: any earlier node may feed any later one, as in NAS-Bench-101. */
export function compileMatrix(
  builder: ProgramBuilder,
  path: KeyPath,
  name: string,
  prefix: string,
  cell: NodesCellFile & { nodes: number },
): NodesLayout {
  const { nodes: total, operations } = cell;
  if (operations === undefined)
    return complain(builder.source, [...path, 'operations'], { expected: 'a list of operations', given: 'nothing' });
  if (cell.edges !== 'free')
    complain(builder.source, [...path, 'edges'], {
      expected: '"free" where nodes is a number',
      given: cell.edges,
      hint: 'name the nodes to say which edges there are',
    });
  for (const key of ['input', 'output'] as const)
    if (cell[key] !== undefined)
      complain(builder.source, [...path, key], { expected: 'no such key where nodes is a number', given: cell[key] });

  const column = `${name}:`;
  const nodes = Array.from({ length: total }, (_, i) =>
    builder.node(`${prefix}${i === 0 ? 'input' : i === total - 1 ? 'output' : i}`),
  );
  const [input, output] = [nodes[0]!, nodes[total - 1]!];
  builder.fix(input, `${column}input`);
  const genes = nodes.slice(1, -1).map((node, i) => {
    const gene = builder.gene(path, { name: `${prefix}${i + 1}`, values: operations, node });
    builder.use(gene, node, `${column}=`);
    return gene;
  });
  builder.fix(output, `${column}output`);
  const bits: number[] = [];
  for (let from = 0; from < total; ++from)
    for (let to = from + 1; to < total; ++to) {
      const gene = builder.gene(path, { name: `${prefix}${from}-${to}`, kind: 'bit', values: ['0', '1'] });
      builder.edge({ from: nodes[from]!, to: nodes[to]!, gene, values: [1] });
      bits.push(gene);
    }
  builder.section(path, { name, first: input, inputs: [input], outputs: [output], prune: cell.prune });
  return { on: 'nodes', name, matrix: { nodes: total, operations: genes, bits } };
}
