import type { Edge, Section } from '../space/program.js';
import type { SearchSpace, SpaceProgram } from '../space/types.js';
import { drawCell } from './cell.js';

/** The graph that an architecture's genes decide: nodes that are there, and what feeds each. */
interface Graph {
  readonly there: readonly boolean[];
  /** (N) by place where that counts, else by node. */
  readonly inputs: readonly (readonly number[])[];
}

/** A drawing of one part of the graph. */
interface Part {
  readonly name: string;
  readonly lines: readonly string[];
}

/**
 * An architecture as terminal lines: choices of the whole and blocks of a chain one below the other, cells with operations
 * on their edges as `drawCell` has them, and of other cells a line a node, in topological order, with what feeds it.
 */
export function drawArchitecture({ program }: Pick<SearchSpace, 'program'>, genes: Uint8Array): string[] {
  const graph = graphOf(program, genes);
  const parts: Part[] = [];
  const outside = program.nodeNames.flatMap((_, node) => (sectionOf(program, node) === undefined ? [node] : []));
  if (outside.length > 0) parts.push({ name: 'network', lines: drawChain(program, graph, genes, outside) });
  for (const section of program.sections) {
    const cell = program.edgeCells.find(({ edges }) => within(section, program.genes[edges[2]!]!.node));
    const lines = cell === undefined ? drawNodes(program, graph, genes, section) : drawCell(cell, program.genes, genes);
    parts.push({ name: section.name, lines });
  }
  if (parts.length === 1) return [...parts[0]!.lines];
  return parts.flatMap(({ name, lines }) => [name, ...lines.map((line) => `  ${line}`)]);
}

const within = ({ first, nodes }: Section, node: number): boolean => node >= first && node < first + nodes;

const sectionOf = ({ sections }: SpaceProgram, node: number): Section | undefined =>
  sections.find((section) => within(section, node));

const decides = (edge: { gene: number; values: readonly number[] }, genes: Uint8Array): boolean =>
  edge.gene < 0 || edge.values.includes(genes[edge.gene]!);

function graphOf(program: SpaceProgram, genes: Uint8Array): Graph {
  const there = new Array<boolean>(program.nodes).fill(true);
  for (const { presence } of program.sections) for (const p of presence) if (!decides(p, genes)) there[p.node] = false;
  const present = (): Edge[] =>
    program.edges.filter((edge) => there[edge.from] && there[edge.to] && decides(edge, genes));
  for (const section of program.sections) if (section.prune) prune(section, present(), there);
  // Blocks beyond a stage's depth are joined to nothing.
  const edges = present();
  const joined = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const joinable = new Set(program.edges.flatMap(({ from, to }) => [from, to]));
  for (const node of joinable) if (!joined.has(node) && sectionOf(program, node) === undefined) there[node] = false;
  const place = (e: Edge): number => (e.orderedBy >= 0 && e.ordered.includes(genes[e.orderedBy]!) ? e.role : 0);
  const inputs = there.map((_, node) =>
    edges
      .filter(({ to }) => to === node)
      .sort((a, b) => place(a) - place(b) || a.from - b.from)
      .map(({ from }) => from),
  );
  return { there, inputs };
}

/** Takes away the nodes of a section that are on no path from an input to an output. */
function prune(section: Section, edges: readonly Edge[], there: boolean[]): void {
  const inside = edges.filter(({ from, to }) => within(section, from) && within(section, to));
  const spread = (starts: readonly number[], from: 'from' | 'to', to: 'from' | 'to'): Set<number> => {
    const reached = new Set(starts.filter((node) => there[node]));
    for (const node of reached) for (const edge of inside) if (edge[from] === node) reached.add(edge[to]);
    return reached;
  };
  const [down, up] = [spread(section.inputs, 'from', 'to'), spread(section.outputs, 'to', 'from')];
  for (let node = section.first; node < section.first + section.nodes; ++node)
    there[node] &&= down.has(node) && up.has(node);
}

/** What the genes choose at a node, apart from its edges, which are drawn. */
function choicesAt(program: SpaceProgram, genes: Uint8Array, node: number): { name: string; value: string }[] {
  return program.featureUses.flatMap((use) => {
    const value = program.genes[use.gene]!.values[genes[use.gene]!];
    if (use.node !== node || value === undefined || program.edges.some(({ gene }) => gene === use.gene)) return [];
    return [{ name: program.genes[use.gene]!.name, value }];
  });
}

/** An operation has its node's name; what else is chosen has one of its own, the last part. */
const text = (program: SpaceProgram, { name, value }: { name: string; value: string }): string =>
  program.nodeNames.includes(name) ? value : `${name.slice(name.lastIndexOf('.') + 1)}=${value}`;

function drawChain(program: SpaceProgram, { there }: Graph, genes: Uint8Array, nodes: readonly number[]): string[] {
  const isGlobal = (node: number): boolean =>
    choicesAt(program, genes, node).some(({ name }) => name === program.nodeNames[node]);
  const globals = nodes.filter(isGlobal).flatMap((node) => choicesAt(program, genes, node));
  // Where the chain begins and ends nothing is chosen.
  const blocks = nodes.filter((node) => there[node] && !isGlobal(node)).slice(1, -1);
  const width = Math.max(0, ...blocks.map((node) => program.nodeNames[node]!.length));
  return [
    ...(globals.length > 0 ? [globals.map(({ name, value }) => `${name}=${value}`).join(' ')] : []),
    ...blocks.map((node) => {
      const choices = choicesAt(program, genes, node).map((choice) => text(program, choice));
      return `▼ ${program.nodeNames[node]!.padEnd(width)}  ${choices.join(' ')}`.trimEnd();
    }),
  ];
}

function drawNodes(program: SpaceProgram, graph: Graph, genes: Uint8Array, section: Section): string[] {
  const prefix = `${section.name}.`;
  const nameOf = (node: number): string => {
    const name = program.nodeNames[node]!;
    return name.startsWith(prefix) ? name.slice(prefix.length) : name;
  };
  const labelOf = (node: number): string =>
    choicesAt(program, genes, node)
      .map((choice) => text(program, choice))
      .join(' ');
  const nodes = program.nodeNames.flatMap((_, node) => (within(section, node) && graph.there[node] ? [node] : []));
  /** A part of another node, as `2.op1` is of `2`, is drawn where that takes it. */
  const isPart = (node: number): boolean =>
    nodes.some((whole) => graph.inputs[whole]!.includes(node) && nameOf(node).startsWith(`${nameOf(whole)}.`));
  const source = (node: number): string =>
    isPart(node) ? `${labelOf(node)}(${graph.inputs[node]!.map(source).join(', ')})` : nameOf(node);
  const rows = nodes
    .filter((node) => !isPart(node))
    .map((node) => [nameOf(node), labelOf(node), graph.inputs[node]!.map(source).join(', ')] as const);
  const width = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length));
  return rows.map(([name, label, inputs]) => {
    const left = [name.padEnd(width(0)), ...(width(1) > 0 ? [label.padEnd(width(1))] : [])].join('  ');
    return inputs === '' ? left.trimEnd() : `${left}  ◀── ${inputs}`;
  });
}
