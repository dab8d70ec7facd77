import { checkInteger, OptiProxyError } from '../errors.js';
import { native, type NativeSpace } from '../native.js';
import { geneCount, keepGenes } from './genes.js';
import type { SearchSpace } from './types.js';

/** Architectures that one call may draw. */
const MAX_SAMPLE = 1_000_000;

const cores = new WeakMap<SearchSpace, NativeSpace>();

/** The native functions of a space; made when they are first needed. */
export function coreOf(space: SearchSpace): NativeSpace {
  let core = cores.get(space);
  if (core === undefined) cores.set(space, (core = new (native().Space)(space.program)));
  return core;
}

/** Texts of genes (n, G). */
export function textsOf(space: SearchSpace, genes: Uint8Array): string[] {
  const width = space.program.genes.length;
  return Array.from({ length: genes.length / width }, (_, i) => space.format(genes.slice(i * width, (i + 1) * width)));
}

/** Those of the architectures (genes (n, G)) that break no constraint of the space. */
export function validGenes(space: SearchSpace, genes: Uint8Array): Uint8Array {
  const codes = coreOf(space).check(genes);
  return keepGenes(genes, geneCount(space.program), (place) => codes[place] === 0);
}

/** What constraint of the space an architecture breaks; undefined if it is valid.  Throws `INVALID_ARCHITECTURE`. */
export function faultOf(space: SearchSpace, architecture: string): string | undefined {
  const core = coreOf(space);
  const code = core.check(space.parse(architecture))[0]!;
  return code === 0 ? undefined : core.reasons[code];
}

/**
 * Random valid architectures, every encoding as likely as any other; some may be the same.  A function of the seed.
 * Throws `INVALID_ARGUMENT` where hardly any encoding of the space is valid.
 */
export function sampleSpace(space: SearchSpace, count: number, seed = 0): string[] {
  checkInteger('count', count, 1, MAX_SAMPLE);
  checkInteger('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  const { genes, tried } = coreOf(space).draw(count, seed, 0);
  const drawn = textsOf(space, genes);
  if (drawn.length < count) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: `sample of ${space.id}`,
      expected: `${count} valid architectures`,
      given: `${drawn.length} in ${tried} draws`,
      hint: 'the constraints of the space leave hardly anything: look at them with `optiproxy spaces show`',
    });
  }
  return drawn;
}

/** All valid architectures that differ from one by another value of one variable. */
export function neighboursOf(space: SearchSpace, architecture: string): string[] {
  return textsOf(space, coreOf(space).neighbours(space.parse(architecture)));
}

/** A random valid neighbour, a function of the seed; undefined where bounded tries find none. */
export function mutate(space: SearchSpace, architecture: string, seed: number): string | undefined {
  checkInteger('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  return textsOf(space, coreOf(space).mutate(space.parse(architecture), seed, 0))[0];
}
