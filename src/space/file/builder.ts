import { complain, type KeyPath, type Source } from '../../yaml.js';
import type { Edge, EdgeCell, FeatureUse, Gene, Section, ValueCount } from '../program.js';
import type { Isomorphism, SpaceProgram } from '../types.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The value of what is drawn as not there, and the column of what is absent. */
export const ABSENT = 'absent';

/** Most nodes of a graph. */
const MOST_NODES = 256;

/** Most nodes that are pruned and constrained as one. */
const SECTION_NODES = 64;

/** What a cell, a chain and the constraints add to a program, piece by piece. */
export class ProgramBuilder {
  private readonly genes: Gene[] = [];
  private readonly byName = new Map<string, number>();
  private readonly columns = new Map<string, number>();
  private readonly fixed: number[] = [];
  private readonly uses: FeatureUse[] = [];
  private readonly edges: Edge[] = [];
  private readonly edgeCells: EdgeCell[] = [];
  private readonly sections: Mutable<Section>[] = [];
  private readonly counts: ValueCount[] = [];
  private readonly nodeNames: string[] = [];

  constructor(readonly source: Source) {}

  /** The next node of the graph; its name is what drawings show. */
  node(name: string): number {
    return this.nodeNames.push(name) - 1;
  }

  /** The feature column of a name; the same name is the same column. */
  column(name: string): number {
    const column = this.columns.get(name) ?? this.columns.size;
    this.columns.set(name, column);
    return column;
  }

  fix(node: number, column: string): void {
    this.fixed.push(node, this.column(column));
  }

  /** A gene; what is left out is a plain choice that is always active. `finish` knows which can be absent. */
  gene(path: KeyPath, gene: Pick<Gene, 'name' | 'values'> & Partial<Omit<Gene, 'optional'>>): number {
    if (this.byName.has(gene.name))
      complain(this.source, path, { expected: 'variables of different names', given: gene.name });
    if (gene.values.length > 255)
      complain(this.source, path, { expected: 'at most 255 values', given: `${gene.values.length} of ${gene.name}` });
    const plain = { kind: 'choice', optional: false, parent: -1, when: [], distinct: -1, inputs: 0, picks: 0, node: -1 } as const; // prettier-ignore
    this.byName.set(gene.name, this.genes.length);
    return this.genes.push({ ...plain, choices: gene.values.length, ...gene }) - 1;
  }

  /** Columns of a gene's values, `prefix` before each, on a node; to be drawn as absent looks as being absent does. */
  use(gene: number, node: number, prefix: string): void {
    const columns = Int32Array.from(this.genes[gene]!.values, (value) =>
      this.column(value === ABSENT ? ABSENT : `${prefix}${value}`),
    );
    this.uses.push({ gene, node, columns });
  }

  edge(edge: Pick<Edge, 'from' | 'to'> & Partial<Edge>): void {
    this.edges.push({ gene: -1, values: [], role: 0, orderedBy: -1, ordered: [], ...edge });
  }

  section(path: KeyPath, section: Pick<Section, 'name' | 'first' | 'inputs' | 'outputs'> & Partial<Section>): void {
    const nodes = this.nodeNames.length - section.first;
    if (nodes > SECTION_NODES)
      complain(this.source, path, { expected: `a cell of at most ${SECTION_NODES} graph nodes`, given: nodes });
    const plain = { prune: false, connected: false, maxEdges: -1, minInDegree: -1, maxInDegree: -1, required: [], pairs: [], presence: [] }; // prettier-ignore
    this.sections.push({ nodes, ...plain, ...section });
  }

  edgeCell(cell: EdgeCell): void {
    this.edgeCells.push(cell);
  }

  count(constraint: ValueCount): void {
    this.counts.push(constraint);
  }

  /** The section of a cell, open to constraints. */
  sectionOf(name: string): Mutable<Section> | undefined {
    return this.sections.find((section) => section.name === name);
  }

  geneNames(): string[] {
    return [...this.byName.keys()];
  }

  geneAt(index: number): Gene {
    return this.genes[index]!;
  }

  /** Index of a variable, or an error that lists what there is. */
  find(path: KeyPath, name: string): number {
    const index = this.byName.get(name);
    if (index !== undefined) return index;
    return complain(this.source, path, { expected: `a variable: one of ${list(this.geneNames())}`, given: name });
  }

  /** Indices of values of a variable, or an error that lists them. */
  valuesOf(path: KeyPath, gene: number, values: readonly string[]): number[] {
    return values.map((value) => {
      const index = this.genes[gene]!.values.indexOf(value);
      if (index >= 0) return index;
      const { name, values: known } = this.genes[gene]!;
      return complain(this.source, path, { expected: `a value of ${name}: one of ${list(known)}`, given: value });
    });
  }

  /** Gene and values that a `when` names. */
  condition(
    path: KeyPath,
    when: Readonly<Record<string, readonly string[]>>,
    prefix = '',
  ): Pick<Gene, 'parent' | 'when'> {
    const [name, values] = Object.entries(when)[0]!;
    const parent = this.byName.get(`${prefix}${name}`) ?? this.find([...path, name], name);
    return { parent, when: this.valuesOf([...path, name], parent, values) };
  }

  /** Whether a gene has no effect where its node is pruned away: it decides nothing about other nodes. */
  private onlyAt(gene: number, node: number): boolean {
    const edgesOf = (g: number): Edge[] => this.edges.filter((edge) => edge.gene === g);
    const atNode = ({ from, to }: Edge): boolean => from === node || to === node;
    return (
      this.uses.every((use) => use.gene !== gene || use.node === node) &&
      edgesOf(gene).every(atNode) &&
      this.sections.every(({ presence }) => presence.every((p) => p.gene !== gene || p.node === node)) &&
      this.genes.every((child, c) => child.parent !== gene || child.node === node || (child.kind === 'bit' && edgesOf(c).every(atNode))) // prettier-ignore
    );
  }

  finish(isomorphism: Isomorphism): SpaceProgram {
    if (this.genes.length === 0) complain(this.source, [], { expected: 'at least one variable', given: 'none' });
    const nodes = this.nodeNames.length;
    if (nodes > MOST_NODES) complain(this.source, [], { expected: `at most ${MOST_NODES} graph nodes`, given: nodes });
    const genes = this.genes.map((gene, g) => {
      const pruned = gene.node >= 0 && this.sections.some((s) => s.prune && s.first <= gene.node && gene.node < s.first + s.nodes); // prettier-ignore
      const node = !pruned || this.onlyAt(g, gene.node) ? gene.node : -1;
      return { ...gene, node, optional: gene.parent >= 0 || (gene.kind !== 'bit' && pruned && node >= 0) };
    });
    const absent = genes.some(({ optional }) => optional) ? this.column(ABSENT) : -1;
    return {
      nodes,
      nodeNames: this.nodeNames,
      features: this.columns.size,
      absent,
      genes,
      fixedFeatures: Int32Array.from(this.fixed),
      featureUses: this.uses,
      edges: this.edges,
      sections: this.sections,
      counts: this.counts,
      edgeCells: this.edgeCells,
      isomorphism,
    };
  }
}

/** Names for an error: not more than fit. */
function list(names: readonly string[]): string {
  return names.length <= 12 ? names.join(', ') : `${names.slice(0, 11).join(', ')}... (${names.length})`;
}
