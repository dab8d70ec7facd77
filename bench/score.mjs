// How many candidates does the proxy score a second, and what does a candidate cost from the draw to its score?
import { largeSpace, openScore, otherProxies } from './fixtures.mjs';

export const title = 'Score: 10,000 random candidates, one member; of 15,625 where nothing else is said';

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
    ...otherProxies().map((kind) => ({
      name: `hidden 48, ${kind}`,
      unit: '/s',
      open: () => openScore({ kind, hidden: 48, count }),
    })),
    // Fewer rows repeat in a space that the candidates do not nearly fill, and its graphs have 12 nodes, not 8.
    ...[144, 48].map((hidden) => ({
      name: `hidden ${hidden}, of 60 million`,
      unit: '/s',
      open: () => openScore({ hidden, count, space: largeSpace() }),
    })),
    ...[144, 48].map((hidden) => ({
      name: `draw, check and score, hidden ${hidden}`,
      unit: 'us',
      open: () => openFromDraw({ hidden, count }),
    })),
  ];
}
