import { OptiProxyError } from '../errors.js';
import { MAX_SECONDS } from './settings.js';

/** Values of options as commander reads them. */

export function wholeNumber(flag: string, least: number, most = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const value = /^[-+]?\d+$/.test(text) ? Number(text) : NaN;
    if (!(value >= least && value <= most)) {
      throw new OptiProxyError('INVALID_ARGUMENT', {
        what: flag,
        expected: `a whole number ${most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`}`,
        given: text,
      });
    }
    return value;
  };
}

export function finite(flag: string) {
  return (text: string): number => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (Number.isFinite(value)) return value;
    throw new OptiProxyError('INVALID_ARGUMENT', { what: flag, expected: 'a number', given: text });
  };
}

/** A time in seconds, in parts of one too. */
export function seconds(flag: string) {
  return (text: string): number => {
    const value = finite(flag)(text);
    if (value >= 0.001 && value <= MAX_SECONDS) return value;
    throw new OptiProxyError('INVALID_ARGUMENT', { what: flag, expected: `seconds from 0.001 to ${MAX_SECONDS}`, given: text }); // prettier-ignore
  };
}

/** `max-failures` of `maxFailures`. */
export const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A message of the library, its `options.budgetMs` named as the flag that gave it (`flags`, long ones) where there is one. */
export function inFlags(message: string, flags: ReadonlySet<string>): string {
  return message.replace(/\boptions\.(\w+)/g, (whole, name: string) => {
    const flag = `--${dashed(name)}`;
    // What may be repeated is a list in the library.
    return [flag, flag.replace(/s$/, '')].find((one) => flags.has(one)) ?? whole;
  });
}

/** Values of an option that may be repeated. */
export const collect = (value: string, all: string[] = []): string[] => [...all, value];
