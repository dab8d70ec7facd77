import { OptiProxyError } from '../../errors.js';

/** Refuses the file that is being imported.  `given` is a word or a number, never the file's data. */
export type Refuse = (where: string, expected: string, given: string | number, hint?: string) => never;

/** Refusals that name a file. */
export function refusalsOf(file: string): Refuse {
  return (where, expected, given, hint) => {
    throw new OptiProxyError('INVALID_TABLE', {
      what: where === '' ? file : `${file}, ${where}`,
      expected,
      given,
      ...(hint === undefined ? {} : { hint }),
    });
  };
}

/** What kind of value the data holds, for messages: printing the value itself may take forever. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return `a ${value.constructor.name.toLowerCase()}`;
  return typeof value === 'number' ? String(value) : `a ${typeof value}`;
}
