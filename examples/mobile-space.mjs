// A search space of one's own from a file, and an oracle that reads its architectures.
//   node examples/mobile-space.mjs
import { fileURLToPath } from 'node:url';
import { Study, loadSpace } from 'optiproxy';

const space = loadSpace(fileURLToPath(new URL('mobile-space.yaml', import.meta.url)));

/** A stand-in for training: your own would build the network that the text describes and train it. */
async function oracle(architecture) {
  const value = Object.fromEntries(architecture.split(' ').map((part) => part.split('=')));
  let accuracy = 60 + (value.resolution - 160) / 16 + 4 * value.width + (value['late.attention'] === 'se' ? 2 : 0);
  for (const [name, given] of Object.entries(value)) {
    if (name.endsWith('kernel')) accuracy += given === '5' ? 1 : 0;
    if (name.endsWith('expansion')) accuracy += given === '6' ? 0.8 : 0;
    if (name.endsWith('depth')) accuracy += 1.5 * given;
  }
  return { accuracy };
}

const study = await Study.open({ space, objectives: [{ metric: 'accuracy', goal: 'maximize' }], seed: 1 });
await study.run({ oracle, queries: 40 });
console.log(`${study.queries} of ${space.size} queried, best accuracy ${study.best.metrics.accuracy.toFixed(1)}`);
console.log(study.best.architecture);
study.close();
