// A target of bench/fuzz that does everything a target must not: input `number` is the one at that place, over and over.
import { built } from '../../bench/fuzz/support.mjs';

const { OptiProxyError } = built('errors');
const refuse = (code, what = 'input') => {
  throw new OptiProxyError(code, { what });
};

const ways = {
  fine: () => undefined,
  refused: () => refuse('INVALID_TABLE'),
  internal: () => refuse('INTERNAL'),
  'of another code': () => refuse('BUSY'),
  exception: () => undefined.property,
  nothing: () => Promise.reject(undefined),
  'behind its back': () => void Promise.reject(new RangeError('nobody waits')),
  lines: () => {
    throw Object.assign(new OptiProxyError('INVALID_TABLE', { what: 'x' }), { message: 'two\nlines' });
  },
  memory: () => Buffer.alloc(400 * 2 ** 20, 1),
  death: () => process.kill(process.pid, 'SIGSEGV'),
  exit: () => process.exit(7),
  hang: () => {
    for (;;);
  },
  'hang of a promise': () => new Promise((resolve) => setTimeout(resolve, 1e6)),
};

export function open() {
  const names = Object.keys(ways);
  return {
    make: (_draws, number) => Buffer.from(names[number % names.length]),
    attempt: (input) => ways[input](),
    codes: ['INVALID_TABLE'],
  };
}
