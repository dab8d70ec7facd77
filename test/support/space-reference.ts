import type { EdgeCell, Section } from '../../src/space/program.js';
import type { SpaceProgram } from '../../src/space/types.js';
import { canonicalGraph, type PlainGraph } from './graph-reference.js';

/** What is left of a section: its nodes, and its edges with their kind (0, or the role of an ordered input). */
export interface SectionPicture {
  readonly alive: ReadonlySet<number>;
  readonly edges: readonly {
    readonly from: number;
    readonly to: number;
    readonly kind: number;
    readonly chosen: boolean;
  }[];
  readonly reached: boolean;
}

/** What a space program means, in plain loops: the rules of the native core and of the files are held against it. */
export class SpaceReference {
  constructor(private readonly program: SpaceProgram) {}

  isActive(genes: ArrayLike<number>, g: number): boolean {
    const { parent, when } = this.program.genes[g]!;
    return parent < 0 || when.includes(genes[parent]!);
  }

  /** Every encoding, valid or not, by trying values gene after gene. */
  *encodings(): Generator<Uint8Array> {
    const { genes } = this.program;
    const current = new Uint8Array(genes.length);
    const extend = function* (this: SpaceReference, g: number): Generator<Uint8Array> {
      if (g === genes.length) {
        yield current.slice();
      } else if (!this.isActive(current, g)) {
        current[g] = genes[g]!.choices;
        yield* extend.call(this, g + 1);
      } else {
        for (let value = 0; value < genes[g]!.choices; ++value) {
          current[g] = value;
          if (this.isDistinct(current, g)) yield* extend.call(this, g + 1);
        }
      }
    };
    yield* extend.call(this, 0);
  }

  /** An encoding from a source of numbers in 0..1; not uniform. */
  random(uniform: () => number): Uint8Array {
    const { genes } = this.program;
    const values = new Uint8Array(genes.length);
    genes.forEach(({ choices }, g) => {
      if (!this.isActive(values, g)) values[g] = choices;
      else
        do values[g] = Math.floor(uniform() * choices);
        while (!this.isDistinct(values, g));
    });
    return values;
  }

  /** Number of ways to settle what a value of gene g wakes. */
  private below(g: number, value: number): number {
    return this.program.genes.reduce((n, { parent, when }, child) => {
      if (parent !== g || !when.includes(value)) return n;
      const { choices } = this.program.genes[child]!;
      let ways = 0;
      for (let v = 0; v < choices; ++v) ways += this.below(child, v);
      return n * (ways - this.chain(child).length * this.below(child, 0));
    }, 1);
  }

  /** Genes that gene g must differ from. */
  private chain(g: number): number[] {
    const { distinct } = this.program.genes[g]!;
    return distinct < 0 ? [] : [distinct, ...this.chain(distinct)];
  }

  /** A uniformly random encoding from a source of numbers in 0..1: every value weighs as much as lies below it. */
  uniform(random: () => number): Uint8Array {
    const { genes } = this.program;
    const values = new Uint8Array(genes.length);
    genes.forEach(({ choices }, g) => {
      if (!this.isActive(values, g)) {
        values[g] = choices;
        return;
      }
      const taken = this.chain(g).map((d) => values[d]);
      const weights = (this.weights[g] ??= Array.from({ length: choices }, (_, v) => this.below(g, v)));
      const free = weights.map((weight, v) => (taken.includes(v) ? 0 : weight));
      let place = random() * free.reduce((a, b) => a + b, 0);
      let value = free.findIndex((weight) => (place -= weight) < 0);
      if (value < 0) value = free.findLastIndex((weight) => weight > 0);
      values[g] = value;
    });
    return values;
  }
  private readonly weights: number[][] = [];

  /** Why an architecture is not valid; empty if it is. */
  faults(genes: Uint8Array): string[] {
    const { genes: all, counts, sections } = this.program;
    const consistent = all.every(({ choices }, g) =>
      this.isActive(genes, g) ? genes[g]! < choices && this.isDistinct(genes, g) : genes[g] === choices,
    );
    if (!consistent) return ['genes'];
    const broken = counts
      .filter(({ terms, min, max }) => {
        const held = terms.filter(({ gene, values }) => values.includes(genes[gene]!)).length;
        return held < min || held > max;
      })
      .map(({ name }) => name);
    return [...broken, ...sections.flatMap((section) => this.sectionFaults(section, genes))];
  }

  picture(section: Section, genes: Uint8Array): SectionPicture {
    const { edges, genes: all } = this.program;
    const absent = section.presence
      .filter(({ gene, values }) => !values.includes(genes[gene]!))
      .map(({ node }) => node);
    const nodes = Array.from({ length: section.nodes }, (_, i) => section.first + i);
    const exists = nodes.filter((node) => !absent.includes(node));
    const present = edges.filter(
      ({ from, to, gene, values }) =>
        nodes.includes(from) && nodes.includes(to) && (gene < 0 || values.includes(genes[gene]!)),
    );
    const reach = (starts: readonly number[], forwards: boolean): Set<number> => {
      const found = new Set(starts.filter((node) => exists.includes(node)));
      for (const node of found)
        for (const { from, to } of present) {
          const [here, there] = forwards ? [from, to] : [to, from];
          if (here === node && exists.includes(there)) found.add(there);
        }
      return found;
    };
    const forwards = reach(section.inputs, true);
    const backwards = reach(section.outputs, false);
    const alive = new Set(section.prune ? exists.filter((node) => forwards.has(node) && backwards.has(node)) : exists);
    return {
      alive,
      edges: present.map(({ from, to, gene, role, orderedBy, ordered }) => ({
        from,
        to,
        kind: orderedBy >= 0 && ordered.includes(genes[orderedBy]!) ? role : 0,
        chosen: gene >= 0 && all[gene]!.kind !== 'bit',
      })),
      reached: section.outputs.some((node) => forwards.has(node)),
    };
  }

  /** Genes without effect made absent, bits without effect 0. */
  normalise(genes: Uint8Array): Uint8Array {
    const normal = genes.slice();
    for (const section of this.program.sections.filter(({ prune, presence }) => prune || presence.length > 0)) {
      const { alive } = this.picture(section, genes);
      const inside = (node: number): boolean => node >= section.first && node < section.first + section.nodes;
      this.program.genes.forEach(({ kind, node, choices }, g) => {
        if (section.prune && kind !== 'bit' && node >= 0 && inside(node) && !alive.has(node)) normal[g] = choices;
      });
      for (const { from, to, gene } of this.program.edges)
        if (gene >= 0 && this.program.genes[gene]!.kind === 'bit' && inside(from) && inside(to))
          if (!alive.has(from) || !alive.has(to)) normal[gene] = 0;
    }
    return normal;
  }

  /** A text that is the same for two architectures if and only if they are, by the program's isomorphism. */
  key(genes: Uint8Array): string {
    const { isomorphism, sections, edgeCells } = this.program;
    const normal = this.normalise(genes);
    if (isomorphism === 'encoding') return normal.join();
    if (isomorphism === 'graph') {
      const within = this.genesWithinSections();
      const others = [...normal].filter((_, g) => !within.has(g));
      return [others.join(), ...sections.map((section) => canonicalGraph(this.graph(section, genes, normal)))].join(
        '\n',
      );
    }
    const covered = new Set(edgeCells.flatMap(({ edges }) => [...edges].filter((_, i) => i % 3 === 2)));
    const others = [...normal].filter((_, g) => !covered.has(g));
    return [others.join(), ...edgeCells.map((cell) => expression(cell, genes, isomorphism))].join('\n');
  }

  private isDistinct(genes: ArrayLike<number>, g: number): boolean {
    const { genes: all } = this.program;
    for (let other = all[g]!.distinct; other >= 0; other = all[other]!.distinct)
      if (genes[other] === genes[g]) return false;
    return true;
  }

  private sectionFaults(section: Section, genes: Uint8Array): string[] {
    const { alive, edges, reached } = this.picture(section, genes);
    const { name, inputs, maxEdges, minInDegree, maxInDegree } = section;
    const left = edges.filter(({ from, to }) => alive.has(from) && alive.has(to));
    const faults: string[] = [];
    if (section.connected && !reached) faults.push('connected');
    if (section.required.some((node) => !alive.has(node))) faults.push('required');
    if (section.pairs.some(([input, output]) => alive.has(input) !== alive.has(output))) faults.push('pairs');
    if (edges.some(({ from, to, chosen }) => chosen && alive.has(to) && !alive.has(from))) faults.push('absent input');
    if (maxEdges >= 0 && left.length > maxEdges) faults.push('edges');
    for (const node of alive) {
      const degree = left.filter(({ to }) => to === node).length;
      if (!inputs.includes(node) && (degree < minInDegree || (maxInDegree >= 0 && degree > maxInDegree)))
        faults.push('degree');
    }
    return faults.map((fault) => `${name}: ${fault}`);
  }

  private graph(section: Section, genes: Uint8Array, normal: Uint8Array): PlainGraph {
    const { fixedFeatures, featureUses } = this.program;
    const { alive, edges } = this.picture(section, genes);
    const nodes = [...alive].sort((a, b) => a - b);
    const labels = nodes.map((node) => {
      const columns = featureUses
        .filter((use) => use.node === node)
        .map(({ gene, columns: of }) => of[normal[gene]!] ?? -1);
      for (let i = 0; i < fixedFeatures.length; i += 2)
        if (fixedFeatures[i] === node) columns.push(fixedFeatures[i + 1]!);
      return columns.sort((a, b) => a - b).join('+');
    });
    const place = new Map(nodes.map((node, i) => [node, i]));
    return {
      labels,
      edges: edges
        .filter(({ from, to }) => alive.has(from) && alive.has(to))
        .map(({ from, to, kind }) => [place.get(from)!, place.get(to)!, kind]),
    };
  }

  /** Genes all of whose effects lie within one section. */
  private genesWithinSections(): Set<number> {
    const { sections, featureUses, edges } = this.program;
    const home = (node: number): number =>
      sections.findIndex(({ first, nodes }) => node >= first && node < first + nodes);
    const homes = new Map<number, Set<number>>();
    const add = (gene: number, ...nodes: number[]): void => {
      homes.set(gene, new Set([...(homes.get(gene) ?? []), ...nodes.map(home)]));
    };
    for (const { gene, node } of featureUses) add(gene, node);
    for (const { gene, from, to } of edges) if (gene >= 0) add(gene, from, to);
    return new Set([...homes].filter(([, of]) => of.size === 1 && !of.has(-1)).map(([gene]) => gene));
  }
}

/** What the output of an edge cell is, as text: vertices are sorted sums of `(input)@operation`. */
function expression({ vertices, edges, zero, identity, ranks }: EdgeCell, genes: Uint8Array, rule: string): string {
  const sums: string[][] = [['0']];
  const textOf = (terms: readonly string[]): string => [...terms].sort().join('+');
  for (let vertex = 1; vertex < vertices; ++vertex) {
    const terms: string[] = [];
    for (let i = 0; i < edges.length; i += 3) {
      if (edges[i + 1] !== vertex) continue;
      const from = sums[edges[i]!]!;
      const operation = genes[edges[i + 2]!]!;
      const isZero = operation === zero || textOf(from) === '#' || from.length === 0;
      if (rule === 'computation') {
        // Nothing is added for zero, and a sum of sums is one sum.
        if (isZero) continue;
        if (operation === identity) terms.push(...from);
        else terms.push(`(${textOf(from)})@${operation}`);
      } else if (rule === 'zeros' && isZero) terms.push('#');
      else if (operation === identity) terms.push(textOf(from));
      else terms.push(`(${textOf(from)})@${'abcdefghijklmnopqrstuvwxyz'[ranks[operation]!]!}`);
    }
    // A benchmark's text is final: its sums are never taken apart.
    sums.push(rule === 'computation' ? terms : [textOf(terms)]);
  }
  return textOf(sums.at(-1)!);
}
