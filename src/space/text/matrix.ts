import type { NodesLayout } from '../file/layout.js';
import { indexOf, type TextCodec, type TextContext } from './codec.js';
import { textsOf, type Symbols } from './symbols.js';

const ZERO = 48;

/**
 * `110...|c3-mp`: the adjacency matrix's upper triangle row by row, then the inner operations. A smaller graph is read as
 * one whose other nodes have no edges. The matrix and operations of the benchmark's own JSON are read as well.
 */
export class MatrixCodec implements TextCodec {
  private readonly nodes: number;
  private readonly operations: readonly number[];
  private readonly texts: readonly string[];
  private readonly byText: ReadonlyMap<string, number>;
  private readonly byName: ReadonlyMap<string, number>;
  /** Nodes of a graph by the length of its upper triangle. */
  private readonly sizes: ReadonlyMap<number, number>;
  /** (nodes, nodes) gene of an edge; 0 below the diagonal. */
  private readonly bits: Int32Array;

  constructor(
    private readonly context: TextContext,
    { nodes, operations, bits }: NonNullable<NodesLayout['matrix']>,
    symbols: Symbols,
  ) {
    this.nodes = nodes;
    this.operations = operations;
    const gene = context.program.genes[operations[0] ?? 0]!;
    this.texts = textsOf(gene, symbols);
    this.byText = indexOf(this.texts);
    this.byName = new Map([...this.byText, ...indexOf(gene.values)]);
    this.sizes = new Map(Array.from({ length: nodes - 1 }, (_, i) => [((i + 1) * (i + 2)) / 2, i + 2]));
    this.bits = new Int32Array(nodes * nodes);
    let next = 0;
    for (let from = 0; from < nodes; ++from)
      for (let to = from + 1; to < nodes; ++to) this.bits[from * nodes + to] = bits[next++]!;
  }

  parse(text: string): Uint8Array {
    if (text.startsWith('{')) return this.parseJson(text);
    const { fail } = this.context;
    const bar = text.indexOf('|');
    if (bar < 0) fail('', 'the upper triangle, "|", the operations', text);
    const size = this.sizes.get(bar);
    if (size === undefined) {
      const lengths = [...this.sizes.keys()].join(', ');
      return fail(', upper triangle', `${lengths} digits for 2 to ${this.nodes} nodes`, text.slice(0, bar));
    }
    const genes = new Uint8Array(this.context.program.genes.length);
    let at = 0;
    for (let from = 0; from < size; ++from)
      for (let to = from + 1; to < size; ++to) {
        const bit = text.charCodeAt(at) - ZERO;
        if (bit !== 0 && bit !== 1) fail(`, edge ${from}-${to} at character ${at + 1}`, '0 or 1', text[at]);
        if (bit === 1) genes[this.bit(from, to, size)] = 1;
        at += 1;
      }
    this.readOperations(text, bar + 1, size - 2, genes);
    return genes;
  }

  format(genes: Uint8Array): string {
    const bits: string[] = []; // joined, as in templates
    for (let from = 0; from < this.nodes; ++from)
      for (let to = from + 1; to < this.nodes; ++to)
        bits.push(genes[this.bits[from * this.nodes + to]!] === 1 ? '1' : '0');
    return [...bits, '|', this.operations.map((gene) => this.texts[genes[gene]!]!).join('-')].join('');
  }

  /** The gene of an edge of a graph of `size` nodes: its output is the last node here, whatever the size. */
  private bit(from: number, to: number, size: number): number {
    return this.bits[from * this.nodes + (to === size - 1 ? this.nodes - 1 : to)]!;
  }

  private readOperations(text: string, start: number, count: number, genes: Uint8Array): void {
    const { fail } = this.context;
    let at = start;
    for (let i = 0; i < count; ++i) {
      const dash = i === count - 1 ? text.length : text.indexOf('-', at);
      if (dash < 0) fail(', operations', `${count} joined by "-"`, text.slice(start));
      const word = text.slice(at, dash);
      const value = this.byText.get(word);
      if (value === undefined) return this.unknown(i + 1, word);
      genes[this.operations[i]!] = value;
      at = dash + 1;
    }
    if (count === 0 && text.length > start) fail(', operations', 'none for two nodes', text.slice(start));
  }

  private unknown(node: number, given: unknown): never {
    return this.context.fail(`, operation of node ${node}`, `one of ${this.texts.join(', ')}`, given);
  }

  private parseJson(text: string): Uint8Array {
    const { fail } = this.context;
    let content: { matrix?: unknown; ops?: unknown };
    try {
      content = JSON.parse(text) as typeof content;
    } catch (cause) {
      return fail('', 'JSON of {"matrix", "ops"}', (cause as Error).message);
    }
    const { matrix, ops } = content;
    if (!Array.isArray(matrix) || matrix.length < 2 || matrix.length > this.nodes)
      return fail(', matrix', `2 to ${this.nodes} rows`, matrix ?? 'nothing');
    const size = matrix.length;
    if (!Array.isArray(ops) || ops.length !== size) return fail(', ops', `${size} operations`, ops ?? 'nothing');
    const genes = new Uint8Array(this.context.program.genes.length);
    matrix.forEach((row: unknown, from) => {
      if (!Array.isArray(row) || row.length !== size) return fail(`, matrix row ${from}`, `${size} numbers`, row);
      row.forEach((bit: unknown, to) => {
        if (bit !== 0 && bit !== 1) fail(`, edge ${from}-${to}`, '0 or 1', bit);
        if (bit === 1 && to <= from) fail(`, edge ${from}-${to}`, '0: edges go to later nodes', bit);
        if (bit === 1) genes[this.bit(from, to, size)] = 1;
      });
    });
    ops.forEach((word: unknown, i) => {
      const fixed = i === 0 ? 'input' : i === size - 1 ? 'output' : undefined;
      if (fixed !== undefined) {
        if (word !== fixed) fail(`, operation of node ${i}`, `"${fixed}"`, word);
        return;
      }
      const value = this.byName.get(word as string);
      if (value === undefined) return this.unknown(i, word);
      genes[this.operations[i - 1]!] = value;
    });
    return genes;
  }
}
