import { complain, type KeyPath } from '../../yaml.js';
import { binomial, subsets } from '../subsets.js';
import type { ProgramBuilder } from './builder.js';
import type { InputsLayout } from './layout.js';
import type { InputsCellFile } from './schema.js';

/**
 * A cell whose inner nodes each take some of all earlier nodes, every one through an operation of its own, and sum them;
 * the output takes every inner node. An inner node is one graph node for each operation and one for the sum.
 */
export function compileInputs(
  builder: ProgramBuilder,
  path: KeyPath,
  name: string,
  prefix: string,
  cell: InputsCellFile,
): InputsLayout {
  const { inputs, choose, operations } = cell;
  if (choose > inputs)
    complain(builder.source, [...path, 'choose'], {
      expected: `at most the ${inputs} inputs of the first node`,
      given: choose,
    });
  if (binomial(inputs + cell.nodes - 1, choose) > 255)
    complain(builder.source, [...path, 'nodes'], { expected: 'at most 255 choices of inputs', given: cell.nodes });

  const column = `${name}:`;
  const sources = Array.from({ length: inputs }, (_, i) => {
    const node = builder.node(`${prefix}input${i}`);
    builder.fix(node, `${column}input${i}`);
    return node;
  });
  const first = sources[0]!;
  const output = (): number => {
    const node = builder.node(`${prefix}output`);
    builder.fix(node, `${column}output`);
    for (const sum of sources.slice(inputs)) builder.edge({ from: sum, to: node });
    return node;
  };
  const nodes = Array.from({ length: cell.nodes }, (_, i) => {
    const label = `${prefix}${inputs + i}`;
    const parts = Array.from({ length: choose }, (_, p) => builder.node(`${label}.op${p + 1}`));
    const sum = builder.node(label);
    const chosen = subsets(sources.length, choose);
    const subset =
      chosen.length === 1
        ? -1
        : builder.gene(path, {
            name: `${label}.inputs`,
            kind: 'subset',
            values: chosen.map((members) => members.join(',')),
            inputs: sources.length,
            picks: choose,
            node: sum,
          });
    const genes = parts.map((node, p) => {
      const gene = builder.gene(path, { name: `${label}.op${p + 1}`, values: operations, node });
      builder.use(gene, node, `${column}=`);
      sources.forEach((from, source) => {
        const values = chosen.flatMap((members, v) => (members[p] === source ? [v] : []));
        if (values.length > 0) builder.edge({ from, to: node, ...(subset < 0 ? {} : { gene: subset, values }) });
      });
      return gene;
    });
    builder.fix(sum, `${column}sum`);
    for (const node of parts) builder.edge({ from: node, to: sum });
    sources.push(sum);
    return { subset, operations: genes };
  });
  builder.section(path, { name, first, inputs: sources.slice(0, inputs), outputs: [output()] });
  return { on: 'inputs', name, inputs, choose, operations, nodes };
}
