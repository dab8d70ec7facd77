import { OptiProxyError } from '../errors.js';
import { native, type NativeSpace } from '../native.js';
import type { SpaceProgram } from '../space/types.js';

/**
 * What an input of a model is fed with, of each architecture; N nodes, F features, G genes (see SpaceProgram):
 *
 * - `operations` (N, F): the feature rows that the proxy reads, mostly one-hot operations of nodes;
 * - `adjacency` (N, N): 1 for an edge i → j, no self-loops;
 * - `sizes` (): N;
 * - `genes` (G): the number of each gene's value, in the order of `optiproxy spaces show`;
 * - `one-hot` (columns): the same spelt out, all genes one after the other;
 * - `constant`: the same numbers in every run, such as a batch size or a resolution; without a batch dimension.
 */
export type InputSource = SourceName | CodedGenes | { readonly constant: number | readonly number[] };
export const sourceNames = ['operations', 'adjacency', 'sizes', 'genes', 'one-hot'] as const;
export type SourceName = (typeof sourceNames)[number];

/** Genes as somebody else's model numbers them. */
export interface CodedGenes {
  readonly from: 'genes' | 'one-hot';
  /** Number, or column of each gene's one-hot row, by the text of a value; `absent` for a gene that is not there. */
  readonly codes?: Readonly<Record<string, number>> | undefined;
  /** Names of the genes that are fed, in this order. @default all */
  readonly order?: readonly string[] | undefined;
}

/** Numbers of architectures (genes (n, G)), all one after the other. */
export interface Feed {
  /** Of one architecture. */
  readonly shape: readonly number[];
  /** Whether it is the same whatever the architectures. */
  readonly constant: boolean;
  readonly fill: (genes: Uint8Array, count: number) => Numbers;
}

export type Numbers = Float32Array | Float64Array;

/** Reads a declared source against a space.  Throws `INVALID_ARGUMENT` or `UNKNOWN_NAME` naming the input. */
export function feedOf(what: string, source: InputSource, program: SpaceProgram, encode: Encode): Feed {
  const { nodes: n, features: f } = program;
  if (typeof source === 'object') {
    return 'constant' in source ? constantFeed([source.constant].flat()) : codedFeed(what, source, program);
  }
  switch (source) {
    case 'operations':
      return { shape: [n, f], constant: false, fill: (genes) => encode(genes).x };
    case 'adjacency':
      return { shape: [n, n], constant: false, fill: adjacencyFill(n, encode) };
    case 'sizes':
      return { shape: [], constant: false, fill: (_, count) => new Float32Array(count).fill(n) };
    default:
      return codedFeed(what, { from: source }, program);
  }
}

type Encode = NativeSpace['encode'];

/** Encodes architectures; the same ones again, for the next input, at once. */
export function encoderOf(program: SpaceProgram): Encode {
  let space: NativeSpace | undefined;
  let last: { readonly genes: Uint8Array; readonly encoded: ReturnType<Encode> } | undefined;
  return (genes) => {
    if (last?.genes !== genes) {
      space ??= new (native().Space)(program);
      last = { genes, encoded: space.encode(genes) };
    }
    return last.encoded;
  };
}

function constantFeed(values: readonly number[]): Feed {
  return { shape: [values.length], constant: true, fill: () => Float64Array.from(values) };
}

/** Adjacencies (n, N, N); where no gene decides an edge one stands for all, and is made once for each number of them. */
function adjacencyFill(nodes: number, encode: Encode): Feed['fill'] {
  let shared = new Float32Array(0);
  return (genes, count) => {
    const size = nodes * nodes;
    const { out } = encode(genes);
    // Of a single architecture it does not show whether the matrix is its own or all have it.
    if (count === 1 || out.length > size) return adjacency(out, nodes);
    if (shared.length !== count * size) {
      const one = adjacency(out, nodes);
      shared = new Float32Array(count * size);
      for (let i = 0; i < count; ++i) shared.set(one, i * size);
    }
    return shared;
  };
}

/** Where the row-normalised A + I has an entry beside the diagonal, A has a 1. */
function adjacency(out: Float32Array, nodes: number): Float32Array {
  const size = nodes * nodes;
  return out.map((value, i) => (value > 0 && (i % size) % (nodes + 1) !== 0 ? 1 : 0));
}

function codedFeed(what: string, { from, codes, order }: CodedGenes, program: SpaceProgram): Feed {
  const names = program.genes.map(({ name }) => name);
  const chosen = (order ?? names).map((name) => {
    const place = names.indexOf(name);
    if (place >= 0) return place;
    throw new OptiProxyError('UNKNOWN_NAME', {
      what: `${what}.order`,
      expected: `genes of the space: ${names.join(', ')}`,
      given: name,
    });
  });
  const tables = chosen.map((gene) => codesOf(`${what}.codes`, program.genes[gene]!, codes));
  const width = program.genes.length;
  if (from === 'genes') {
    const fill = (genes: Uint8Array, count: number): Float64Array => {
      const values = new Float64Array(count * chosen.length);
      for (let i = 0, at = 0; i < count; ++i)
        for (let c = 0; c < chosen.length; ++c) values[at++] = tables[c]![genes[i * width + chosen[c]!]!]!;
      return values;
    };
    return { shape: [chosen.length], constant: false, fill };
  }
  const most = Math.max(...tables.flat());
  const columns = tables.map((table) => 1 + (codes === undefined ? Math.max(...table) : most));
  const starts = columns.map((_, c) => columns.slice(0, c).reduce((sum, one) => sum + one, 0));
  const total = columns.reduce((sum, one) => sum + one, 0);
  const fill = (genes: Uint8Array, count: number): Float32Array => {
    const values = new Float32Array(count * total);
    for (let i = 0; i < count; ++i)
      for (let c = 0; c < chosen.length; ++c)
        values[i * total + starts[c]! + tables[c]![genes[i * width + chosen[c]!]!]!] = 1;
    return values;
  };
  return { shape: [total], constant: false, fill };
}

/** (values) of a gene: what stands for each, the last for one that is absent where it may be. */
function codesOf(
  what: string,
  { values, optional }: SpaceProgram['genes'][number],
  codes: CodedGenes['codes'],
): number[] {
  const texts = optional ? [...values, 'absent'] : values;
  if (codes === undefined) return texts.map((_, value) => value);
  return texts.map((text) => {
    const code = codes[text];
    if (code !== undefined) return code;
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what,
      expected: `a number for each of ${texts.join(', ')}`,
      given: `none for ${text}`,
    });
  });
}
