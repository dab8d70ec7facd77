import type { InputsLayout } from '../file/layout.js';
import { subsets } from '../subsets.js';
import { indexOf, type TextCodec, type TextContext } from './codec.js';
import { Cursor } from './cursor.js';

/** An operation and the node that it is applied to. */
type Pair = readonly [operation: string, input: number];

interface Cell extends InputsLayout {
  readonly byName: ReadonlyMap<string, number>;
  /** Of each inner node: the inputs of every value of its subset, and back. */
  readonly chosen: readonly (readonly (readonly number[])[])[];
  readonly byInputs: readonly ReadonlyMap<string, number>[];
  /** Texts of each operation with each input. */
  readonly texts: readonly (readonly string[])[];
}

/**
 * `Genotype(normal=[('sep_conv_3x3', 0), ...], normal_concat=[2, 3, 4, 5], ...)`, as DARTS prints its cells. The pairs of a
 * node are written by ascending input and read in any order, as is `op:input op:input ...|...`, one part a cell.
 */
export class GenotypeCodec implements TextCodec {
  private readonly cells: readonly Cell[];

  constructor(
    private readonly context: TextContext,
    cells: readonly InputsLayout[],
  ) {
    this.cells = cells.map((cell) => {
      const chosen = cell.nodes.map((_, i) => subsets(cell.inputs + i, cell.choose));
      const byInputs = chosen.map((list) => indexOf(list.map((inputs) => inputs.join(','))));
      const sources = Array.from({ length: cell.inputs + cell.nodes.length }, (_, input) => input);
      const texts = cell.operations.map((operation) => sources.map((input) => `('${operation}', ${input})`));
      return { ...cell, byName: indexOf(cell.operations), chosen, byInputs, texts };
    });
  }

  parse(text: string): Uint8Array {
    const genes = new Uint8Array(this.context.program.genes.length);
    const pairs = text.startsWith('Genotype') ? this.readOfficial(text) : this.readShort(text);
    this.cells.forEach((cell, c) => this.place(cell, pairs[c]!, genes));
    return genes;
  }

  format(genes: Uint8Array): string {
    const parts = this.cells.map((cell) => {
      const { name, inputs, nodes, texts, chosen } = cell;
      const pairs: string[] = [];
      nodes.forEach((node, i) => {
        const members = chosen[i]![node.subset < 0 ? 0 : genes[node.subset]!]!;
        members.forEach((input, p) => pairs.push(texts[genes[node.operations[p]!]!]![input]!));
      });
      const concat = nodes.map((_, i) => inputs + i);
      return `${name}=[${pairs.join(', ')}], ${name}_concat=[${concat.join(', ')}]`;
    });
    return `Genotype(${parts.join(', ')})`;
  }

  /** Writes the pairs of a cell into its genes. */
  private place(
    { name, inputs, choose, nodes, byName, byInputs, operations }: Cell,
    pairs: readonly Pair[],
    genes: Uint8Array,
  ): void {
    const { fail } = this.context;
    if (pairs.length !== nodes.length * choose)
      fail(`, ${name}`, `${nodes.length * choose} pairs of an operation and an input`, pairs.length);
    nodes.forEach((node, i) => {
      const where = `, ${name} node ${inputs + i}`;
      const own = pairs.slice(i * choose, (i + 1) * choose).sort(([, a], [, b]) => a - b);
      const members = own.map(([, input]) => input);
      const subset = byInputs[i]!.get(members.join(','));
      if (subset === undefined)
        return fail(where, `${choose} different inputs from 0 to ${inputs + i - 1}`, members.join(', '));
      if (node.subset >= 0) genes[node.subset] = subset;
      own.forEach(([operation, input], p) => {
        const value = byName.get(operation);
        if (value === undefined) return fail(`${where}, input ${input}`, `one of ${operations.join(', ')}`, operation);
        genes[node.operations[p]!] = value;
      });
    });
  }

  private readShort(text: string): Pair[][] {
    const { fail } = this.context;
    const parts = text.split('|');
    if (parts.length !== this.cells.length)
      fail('', `Genotype(...), or ${this.cells.length} cells with "|" between`, text);
    return parts.map((part, c) =>
      part.split(' ').map((pair): Pair => {
        const at = pair.lastIndexOf(':');
        const input = pair.slice(at + 1);
        if (at < 0 || !/^\d{1,3}$/.test(input)) fail(`, ${this.cells[c]!.name}`, '"operation:input"', pair);
        return [pair.slice(0, at), Number(input)];
      }),
    );
  }

  private readOfficial(text: string): Pair[][] {
    const found = new Map<string, Pair[]>();
    const keys = this.cells.flatMap(({ name }) => [name, `${name}_concat`]);
    const seen = new Set<string>();
    const cursor = new Cursor(text, (at, expected) =>
      this.context.fail(`, character ${at + 1}`, expected, text.slice(at)),
    );
    cursor.take('Genotype');
    cursor.list('(', ')', () => {
      const at = cursor.at;
      const key = cursor.word();
      if (!keys.includes(key) || seen.has(key))
        this.context.fail(`, character ${at + 1}`, `${keys.join(', ')}, each once`, key);
      seen.add(key);
      cursor.take('=');
      const cell = this.cells.find(({ name }) => name === key);
      if (cell !== undefined) found.set(key, pairs(cursor));
      else
        this.concat(
          cursor,
          this.cells.find(({ name }) => `${name}_concat` === key)!,
        );
    });
    cursor.end();
    return this.cells.map(({ name }) => found.get(name) ?? this.context.fail('', `${name}=[...]`, text));
  }

  /** Every inner node goes into the output. */
  private concat(cursor: Cursor, { name, inputs, nodes }: Cell): void {
    const start = cursor.at;
    const given = numbers(cursor);
    const expected = nodes.map((_, i) => inputs + i);
    if ([...given].sort((a, b) => a - b).join() !== expected.join())
      this.context.fail(
        `, ${name}_concat at character ${start + 1}`,
        `[${expected.join(', ')}]`,
        `[${given.join(', ')}]`,
      );
  }
}

function pairs(cursor: Cursor): Pair[] {
  const found: Pair[] = [];
  cursor.list('[', ']', () => {
    cursor.take('(');
    const operation = cursor.quoted();
    cursor.take(',');
    found.push([operation, cursor.integer()]);
    cursor.take(')');
  });
  return found;
}

/** `[2, 3, 4, 5]` or `range(2, 6)`. */
function numbers(cursor: Cursor): number[] {
  const found: number[] = [];
  if (!cursor.sees('range')) {
    cursor.list('[', ']', () => found.push(cursor.integer()));
    return found;
  }
  cursor.take('range');
  cursor.take('(');
  const from = cursor.integer();
  cursor.take(',');
  const to = cursor.integer();
  cursor.take(')');
  for (let i = from; i < to; ++i) found.push(i);
  return found;
}
