import { OptiProxyError } from '../errors.js';

/** What commander reads the value of a flag with. */
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
