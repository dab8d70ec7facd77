import { complain, type KeyPath } from '../../yaml.js';
import type { Section } from '../program.js';
import { binomial, subsets } from '../subsets.js';
import { ABSENT, type ProgramBuilder } from './builder.js';
import type { NodesLayout } from './layout.js';
import type { NodeFile, NodesCellFile } from './schema.js';

/** A node on its way into the program. */
interface Placed {
  readonly node: number;
  readonly file: NodeFile;
  /** Gene of the operation, its own or a shared one; -1 for none. */
  readonly operation: number;
  /** Gene and values while which the node is there; none where it always is. */
  readonly presence: { readonly gene: number; readonly values: readonly number[] } | undefined;
}

const plainNode: NodeFile = { optional: false };

/** The long form of a cell with operations on its nodes: every node and edge by name. */
export class NamedNodes {
  private readonly placed = new Map<string, Placed>();
  private readonly pairs = new Set<string>();

  constructor(
    private readonly builder: ProgramBuilder,
    private readonly path: KeyPath,
    private readonly name: string,
    private readonly prefix: string,
    private readonly cell: NodesCellFile & { nodes: Record<string, NodeFile | null> },
  ) {}

  compile(): NodesLayout {
    const { cell, builder, path, name } = this;
    if (cell.operations !== undefined)
      this.fail(['operations'], 'no such key where nodes are named: each has its own', cell.operations);
    if (cell.edges === 'free') this.fail(['edges'], '{fixed, free} where nodes are named', cell.edges);
    const names = Object.keys(cell.nodes);
    if (names.length < 2) this.fail(['nodes'], 'at least two nodes', names.length);
    for (const node of names) this.place(node, cell.nodes[node] ?? plainNode);
    for (const [node, placed] of this.placed) this.inputs(node, placed);
    const { fixed, free } = cell.edges;
    // The proxy sees a fixed edge always; validity and keys leave out those of nodes that are not there.
    fixed.forEach(([from, to], i) => builder.edge(this.ends(['edges', 'fixed', i], from, to)));
    free.forEach(([from, to], i) => this.freeEdge(['edges', 'free', i], from, to));

    const nodesOf = (key: 'input' | 'output', otherwise: string): number[] =>
      (cell[key] ?? [otherwise]).map((node) => this.known([key], node).node);
    const presence: Section['presence'][number][] = [...this.placed.values()].flatMap((p) =>
      p.presence === undefined ? [] : [{ node: p.node, ...p.presence }],
    );
    builder.section(path, {
      name,
      first: this.placed.get(names[0]!)!.node,
      inputs: nodesOf('input', names[0]!),
      outputs: nodesOf('output', names.at(-1)!),
      prune: cell.prune,
      presence,
    });
    return { on: 'nodes', name };
  }

  private fail(below: KeyPath, expected: string, given: unknown): never {
    return complain(this.builder.source, [...this.path, ...below], { expected, given });
  }

  private known(below: KeyPath, name: string): Placed {
    return (
      this.placed.get(name) ??
      this.fail(below, `a node before this one: one of ${[...this.placed.keys()].join(', ')}`, name)
    );
  }

  /** Gives a node its place, its operation and the gene that decides whether it is there. */
  private place(name: string, file: NodeFile): void {
    const { builder, path, prefix } = this;
    const at = ['nodes', name];
    if (file.operations !== undefined && file.same_as !== undefined)
      this.fail([...at, 'same_as'], 'either operations or same_as', file.same_as);
    if (file.optional && file.when !== undefined) this.fail([...at, 'when'], 'either optional or when', file.when);
    const shared = file.same_as === undefined ? undefined : this.known([...at, 'same_as'], file.same_as);
    if (shared !== undefined && shared.operation < 0)
      this.fail([...at, 'same_as'], 'a node with operations', file.same_as);
    if (shared?.presence !== undefined && (file.optional || file.when !== undefined))
      this.fail([...at, 'same_as'], 'a node that is always there, as this one is not', file.same_as);
    const node = builder.node(`${prefix}${name}`);
    const where = [...path, ...at];
    const condition = file.when === undefined ? undefined : builder.condition([...where, 'when'], file.when, prefix);
    let operation = shared?.operation ?? -1;
    let presence = condition === undefined ? shared?.presence : { gene: condition.parent, values: condition.when };
    const own = file.operations ?? (file.optional ? ['present'] : undefined);
    if (own !== undefined) {
      const values = file.optional ? [...own, ABSENT] : own;
      const gene = builder.gene(where, { name: `${prefix}${name}`, values, node, ...condition });
      if (file.optional || condition !== undefined) presence = { gene, values: own.map((_, v) => v) };
      if (file.operations !== undefined) operation = gene;
    }
    if (operation >= 0) builder.use(operation, node, `${this.name}:=`);
    else if (presence !== undefined && own !== undefined) builder.use(presence.gene, node, `${this.name}:${name}=`);
    else builder.fix(node, `${this.name}:${name}`);
    this.placed.set(name, { node, file, operation, presence });
  }

  /** The genes that choose what feeds a node. */
  private inputs(name: string, { node, file, operation, presence }: Placed): void {
    const { builder, prefix } = this;
    const { inputs } = file;
    if (inputs === undefined) return;
    const at = ['nodes', name, 'inputs'];
    const where = [...this.path, ...at];
    const parent = presence === undefined ? {} : { parent: presence.gene, when: presence.values };
    const sources = inputs.of.map((source, i) => this.ends([...at, 'of', i], source, name));
    const wanted = 'choose' in inputs ? inputs.choose : inputs.slots;
    if (wanted > sources.length)
      this.fail(
        [...at, 'choose' in inputs ? 'choose' : 'slots'],
        `at most the ${sources.length} nodes of "of"`,
        wanted,
      );
    if ('choose' in inputs) {
      if (binomial(sources.length, wanted) > 255)
        this.fail([...at, 'choose'], 'at most 255 ways to choose', `${wanted} of ${sources.length}`);
      const chosen = subsets(sources.length, wanted);
      const values = chosen.map((members) => members.map((m) => inputs.of[m]!).join(','));
      const gene = builder.gene(where, {
        name: `${prefix}${name}.inputs`, kind: 'subset', values, inputs: sources.length, picks: wanted, node, ...parent,
      }); // prettier-ignore
      sources.forEach((ends, s) =>
        builder.edge({ ...ends, gene, values: chosen.flatMap((members, v) => (members.includes(s) ? [v] : [])) }),
      );
      return;
    }
    let distinct = -1;
    for (let slot = 1; slot <= wanted; ++slot) {
      const gene = builder.gene(where, {
        name: `${prefix}${name}.input${slot}`,
        values: inputs.of,
        distinct,
        node,
        ...parent,
      });
      distinct = gene;
      // Where order always matters the slot itself says so: it always has one of its values.
      const order =
        inputs.ordered === false
          ? {}
          : inputs.ordered === true
            ? { orderedBy: gene, ordered: sources.map((_, s) => s) }
            : this.orderedBy([...at, 'ordered'], operation, inputs.ordered);
      sources.forEach((ends, s) => builder.edge({ ...ends, gene, values: [s], role: slot, ...order }));
    }
  }

  private orderedBy(
    at: KeyPath,
    operation: number,
    values: readonly string[],
  ): { orderedBy: number; ordered: number[] } {
    if (operation < 0) this.fail(at, 'true or false where the node has no operations', values);
    return { orderedBy: operation, ordered: this.builder.valuesOf([...this.path, ...at], operation, values) };
  }

  private freeEdge(at: KeyPath, from: string, to: string): void {
    const ends = this.ends(at, from, to);
    // An edge of a node that is not there is no choice.
    const presence = this.placed.get(to)!.presence ?? this.placed.get(from)!.presence;
    const gene = this.builder.gene([...this.path, ...at], {
      name: `${this.prefix}${from}-${to}`,
      kind: 'bit',
      values: ['0', '1'],
      ...(presence === undefined ? {} : { parent: presence.gene, when: presence.values }),
    });
    this.builder.edge({ ...ends, gene, values: [1] });
  }

  /** The nodes of an edge; every pair of nodes is spoken for once. */
  private ends(at: KeyPath, from: string, to: string): { from: number; to: number } {
    const ends = { from: this.known(at, from).node, to: this.known(at, to).node };
    if (ends.from >= ends.to) this.fail(at, 'an edge from an earlier node to a later one', `${from}, ${to}`);
    if (this.pairs.has(`${ends.from} ${ends.to}`)) this.fail(at, 'every edge once', `${from}, ${to}`);
    this.pairs.add(`${ends.from} ${ends.to}`);
    return ends;
  }
}
