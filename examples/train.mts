// An oracle in TypeScript: a program that stays and answers a request a line, whatever starts it (Node.js 22.18 or newer runs it
// as it is, older ones with tsx).  Replace `train` by your training.
//   npx optiproxy search --space nasbench201 --oracle 'process:node examples/train.mts' --objective score --queries 40 --concurrency 2
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is asked; docs/oracles.md says more. */
interface Request {
  id: number;
  trial: number;
  attempt: number;
  architecture: string;
  seed: number;
  /** Part of a full training, 0..1. */
  budget: number;
}

const say = (message: object): void => console.log(JSON.stringify(message));

const worth: Record<string, number> = { none: 0, skip_connect: 1, avg_pool_3x3: 1.5, nor_conv_1x1: 2, nor_conv_3x3: 3 };

/** A stand-in for a training: convolutions count, later edges count more. */
async function train({ id, architecture, budget }: Request): Promise<{ score: number }> {
  const operations = [...architecture.matchAll(/([a-z_0-9]+)~/g)].map(([, name]) => worth[name!]!);
  let score = 0;
  const edges = Math.max(1, Math.round(operations.length * budget));
  for (const [edge, value] of operations.slice(0, edges).entries()) {
    await sleep(1);
    score += value * (1 + edge / 10);
    say({ id, step: edge + 1, metrics: { score } }); // a point of the learning curve
  }
  return { score };
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  try {
    say({ id: request.id, metrics: await train(request) });
  } catch (error) {
    say({ id: request.id, error: String(error) });
  }
}
