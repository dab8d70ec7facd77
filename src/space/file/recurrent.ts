import { complain, type KeyPath } from '../../yaml.js';
import type { ProgramBuilder } from './builder.js';
import type { RecurrentLayout } from './layout.js';
import type { RecurrentCellFile } from './schema.js';

/**
 * A recurrent cell, as in NAS-Bench-NLP: every vertex has an operation and takes its inputs from what is before it; every
 * new state is the value of a vertex. Vertices on no path from an input to a new state are no part of the architecture.
 */
export function compileRecurrent(
  builder: ProgramBuilder,
  path: KeyPath,
  name: string,
  prefix: string,
  cell: RecurrentCellFile,
): RecurrentLayout {
  const operations = Object.entries(cell.operations).map(([key, file]) => ({
    ...file,
    key,
    recipe: file.recipe ?? key,
  }));
  const most = Math.max(...operations.map(({ inputs }) => inputs), 1);
  const old = Array.from({ length: cell.states }, (_, j) => `h_prev_${j}`);
  const labels = [...cell.inputs, ...old];
  const complaint = (key: string, expected: string, given: unknown): never =>
    complain(builder.source, [...path, key], { expected, given });
  if (operations.length === 0) complaint('operations', 'at least one operation', cell.operations);
  if (most > labels.length) complaint('operations', `at most ${labels.length} inputs, for the first vertex`, most);
  if (cell.states > cell.vertices) complaint('states', 'at most as many as there are vertices', cell.states);
  if (new Set(labels).size < labels.length) complaint('inputs', 'names that differ from each other', labels);

  const column = `${name}:`;
  const first = builder.node(`${prefix}${labels[0]!}`);
  const sources = labels.map((label, i) => {
    const node = i === 0 ? first : builder.node(`${prefix}${label}`);
    builder.fix(node, `${column}${label}`);
    return node;
  });
  const ordered = operations.flatMap((operation, v) => (operation.ordered ? [v] : []));
  const vertices = Array.from({ length: cell.vertices }, (_, i) => {
    const label = `${prefix}node_${i}`;
    const node = builder.node(label);
    const operation = builder.gene(path, { name: label, values: operations.map(({ key }) => key), node });
    builder.use(operation, node, `${column}=`);
    const slots: number[] = [];
    for (let slot = 1; slot <= most; ++slot) {
      const when = operations.flatMap(({ inputs }, v) => (inputs >= slot ? [v] : []));
      const gene = builder.gene(path, {
        name: `${label}.input${slot}`,
        values: [...labels],
        node,
        distinct: slots.at(-1) ?? -1,
        ...(when.length === operations.length ? {} : { parent: operation, when }),
      });
      sources.forEach((from, value) =>
        builder.edge({
          from,
          to: node,
          gene,
          values: [value],
          role: slot,
          ...(ordered.length === 0 ? {} : { orderedBy: operation, ordered }),
        }),
      );
      slots.push(gene);
    }
    sources.push(node);
    labels.push(`node_${i}`);
    return { node, operation, slots };
  });

  const states =
    cell.states === 1 ? -1 : builder.gene(path, { name: `${prefix}states`, values: old.map((_, j) => String(j + 1)) });
  const presence: { node: number; gene: number; values: number[] }[] = [];
  const nodes: number[] = [];
  const outputs: number[] = [];
  for (let j = 0; j < cell.states; ++j) {
    const node = builder.node(`${prefix}h_new_${j}`);
    builder.fix(node, `${column}h_new_${j}`);
    const values = old.flatMap((_, v) => (v >= j ? [v] : []));
    const gene = builder.gene(path, {
      name: `${prefix}h_new_${j}`,
      values: vertices.map((_, i) => `node_${i}`),
      distinct: outputs.at(-1) ?? -1,
      ...(j === 0 ? {} : { parent: states, when: values }),
    });
    if (j > 0) presence.push({ node, gene: states, values });
    vertices.forEach((vertex, i) => builder.edge({ from: vertex.node, to: node, gene, values: [i] }));
    nodes.push(node);
    outputs.push(gene);
  }
  const fixed = cell.inputs.length;
  builder.section(path, {
    name,
    first,
    inputs: sources.slice(0, fixed + old.length),
    outputs: nodes,
    prune: true,
    connected: true,
    required: sources.slice(0, fixed),
    pairs: nodes.map((node, j) => [sources[fixed + j]!, node]),
    presence,
  });
  return {
    on: 'recurrent',
    name,
    sources: labels.slice(0, fixed + old.length),
    inputs: fixed,
    operations: operations.map(({ recipe, inputs, ordered }) => ({ recipe, inputs, ordered })),
    vertices: vertices.map(({ operation, slots }) => ({ operation, slots })),
    states,
    outputs,
  };
}
