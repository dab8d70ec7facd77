// What does a training step cost: forward, loss, backward, AdamW?
import { openFit, otherProxies } from './fixtures.mjs';

export const title = 'Train step: forward, MSE + ranking loss, backward, AdamW; dropout 0.1, two layers';

export function cases({ quick }) {
  const steps = quick ? 20 : 200;
  return [
    { name: 'batch 7, hidden 144', unit: 'ms', open: () => openFit({ hidden: 144, batch: 7, steps }) },
    { name: 'batch 20, hidden 144', unit: 'ms', open: () => openFit({ hidden: 144, batch: 20, steps }) },
    {
      name: 'batch 20, hidden 48, all of 5 members',
      unit: 'ms',
      open: () => openFit({ hidden: 48, batch: 20, members: 5, steps }),
    },
    ...otherProxies().map((kind) => ({
      name: `batch 20, hidden 48, all of 5 members, ${kind}`,
      unit: 'ms',
      open: () => openFit({ kind, hidden: 48, batch: 20, members: 5, steps }),
    })),
  ];
}
