import { OptiProxyError } from '../../errors.js';
import type { SpaceProgram } from '../types.js';

/** How the architectures of a space are written. */
export interface TextCodec {
  /** Genes of a text, or `INVALID_ARCHITECTURE` naming the place. */
  parse(text: string): Uint8Array;
  /** Text of genes that are known to be well-formed. */
  format(genes: Uint8Array): string;
}

/** What every codec knows about its space. */
export interface TextContext {
  readonly id: string;
  readonly program: SpaceProgram;
  /** Refuses a text; `where` begins with a comma, or is empty. */
  readonly fail: (where: string, expected: string, given: unknown) => never;
}

/** A context whose refusals show an example. */
export function textContext(id: string, program: SpaceProgram, example: () => string): TextContext {
  return {
    id,
    program,
    fail: (where, expected, given) => {
      const hint = `like ${example()}`;
      throw new OptiProxyError('INVALID_ARCHITECTURE', { what: `${id} architecture${where}`, expected, given, hint });
    },
  };
}

/** The index of each text of a list. */
export function indexOf(texts: readonly string[]): ReadonlyMap<string, number> {
  return new Map(texts.map((text, i) => [text, i]));
}
