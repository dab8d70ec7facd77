// What does a second thread bring?  These processes are not pinned to a core.
import { openFit, openScore } from './fixtures.mjs';

export const title = 'Threads: not pinned';

export function cases({ quick }) {
  const count = quick ? 500 : 10_000;
  const steps = quick ? 20 : 200;
  const on = (threads) => `${threads} thread${threads === 1 ? '' : 's'}`;
  return [
    ...[1, 2].map((threads) => ({
      name: `score, hidden 144, ${on(threads)}`,
      unit: '/s',
      threads,
      pinned: false,
      open: () => openScore({ hidden: 144, count, threads }),
    })),
    ...[1, 2].map((threads) => ({
      name: `train step, batch 20, hidden 48, all of 5 members, ${on(threads)}`,
      unit: 'ms',
      threads,
      pinned: false,
      open: () => openFit({ hidden: 48, batch: 20, members: 5, threads, steps }),
    })),
  ];
}
