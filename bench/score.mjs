// How many candidates does the proxy score a second, and what does a candidate cost from the draw to its score?
import { openScore } from './fixtures.mjs';

export const title = 'Score: random candidates, one member';

function openFromDraw(options) {
  const { draw, score, ...rest } = openScore(options);
  delete rest.sample;
  return {
    ...rest,
    async run() {
      draw();
      await score();
    },
  };
}

export function cases({ quick }) {
  const count = quick ? 500 : 10_000;
  return [
    { name: 'hidden 144', unit: '/s', open: () => openScore({ hidden: 144, count }) },
    { name: 'hidden 48', unit: '/s', open: () => openScore({ hidden: 48, count }) },
    ...[144, 48].map((hidden) => ({
      name: `draw, check, encode and score, hidden ${hidden}`,
      unit: 'us',
      open: () => openFromDraw({ hidden, count }),
    })),
  ];
}
