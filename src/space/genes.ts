import { OptiProxyError } from '../errors.js';
import type { SearchSpace, SpaceProgram } from './types.js';

/** G, bytes of an architecture: one a variable. */
export function geneCount({ genes }: SpaceProgram): number {
  return genes.length;
}

/** Those of the architectures (n, G) whose place is to be kept. */
export function keepGenes(all: Uint8Array, width: number, keep: (place: number) => boolean): Uint8Array {
  return all.filter((_, i) => keep(Math.floor(i / width)));
}

/** Whether a gene has a say, given those before it. */
export function isActive({ genes }: SpaceProgram, gene: number, values: ArrayLike<number>): boolean {
  const { parent, when } = genes[gene]!;
  return parent < 0 || when.includes(values[parent]!);
}

/** Asserts that an option is a search space. */
export function checkSpace(what: string, value: unknown): void {
  const { parse, program } = (value ?? {}) as Partial<SearchSpace>;
  if (typeof parse === 'function' && typeof program === 'object') return;
  throw new OptiProxyError('INVALID_ARGUMENT', {
    what,
    expected: 'a search space',
    given: value,
    hint: 'for example spaces.nasbench201()',
  });
}

/** Asserts the length of a gene vector and the range of each byte; a gene without a say must be absent. */
export function checkGenes(id: string, program: SpaceProgram, values: Uint8Array): void {
  const { genes } = program;
  const fail = (what: string, expected: string, given: unknown): never => {
    throw new OptiProxyError('INVALID_ARCHITECTURE', { what, expected, given });
  };
  if (!ArrayBuffer.isView(values) || values.length !== genes.length)
    return fail(`${id} genes`, `${genes.length} bytes`, ArrayBuffer.isView(values) ? `[${values.join(', ')}]` : values);
  for (let g = 0; g < genes.length; ++g) {
    const { name, choices, parent, when } = genes[g]!;
    const value = values[g]!;
    if (parent >= 0 && !when.includes(values[parent]!)) {
      if (value !== choices) fail(`${id} genes, ${name}`, `${choices}, as it is absent here`, value);
    } else if (value >= choices) fail(`${id} genes, ${name}`, `a byte from 0 to ${choices - 1}`, value);
  }
}

/** The first encoding in counting order, apart from constraints: lowest values, and another for each that must differ. */
export function firstGenes(program: SpaceProgram): Uint8Array {
  const values = new Uint8Array(program.genes.length);
  program.genes.forEach(({ choices }, g) => {
    if (!isActive(program, g, values)) {
      values[g] = choices;
      return;
    }
    const taken = distinctFrom(program, g).map((other) => values[other]!);
    while (taken.includes(values[g]!)) values[g]! += 1;
  });
  return values;
}

/** Genes of a chain of distinct ones before a gene. */
export function distinctFrom({ genes }: SpaceProgram, gene: number): number[] {
  const others: number[] = [];
  for (let other = genes[gene]!.distinct; other >= 0; other = genes[other]!.distinct) others.push(other);
  return others;
}

/** Number of encodings before constraints; a double. */
export function encodings(program: SpaceProgram): number {
  const { genes } = program;
  const counts = new Array<number>(genes.length);
  for (let g = genes.length - 1; g >= 0; --g) {
    // Encodings below each value: those of the genes that it makes active.
    const below = Array.from({ length: genes[g]!.choices }, (_, value) =>
      genes.reduce((n, { parent, when }, c) => (parent === g && when.includes(value) ? n * counts[c]! : n), 1),
    );
    // Where values are taken by other genes, all weigh the same.
    counts[g] = below.reduce((sum, n) => sum + n, 0) - distinctFrom(program, g).length * below[0]!;
  }
  return genes.reduce((n, { parent }, g) => (parent < 0 ? n * counts[g]! : n), 1);
}
