// How long opening a study takes that is in a file already, as its history grows: everything that happened is entered again.
//   node bench/open.mjs [--trials 100000] [--times 5] [--only KIND]
//
// The files are made by studies that really ask and tell, without waiting for the disk.  Where a proxy chooses, only the
// first samples and the last round are its own: in between the history is filled with random architectures and made-up
// predictions, which cost as much to enter.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { built } from './fixtures.mjs';
import { median } from './stats.mjs';

const objectives = [{ metric: 'val_acc', goal: 'maximize' }];
const kinds = {
  random: { method: 'random' },
  guided: {},
  // A metric that is known before a query, and measured by it: what is known is compared with what was measured.
  'guided, known metric': { metrics: { ms: (architecture) => 1 + (architecture.length % 7) } },
};

const optionsOf = (kind, storage) => ({
  space: built('space/index').spaces.nasbench301(),
  objectives,
  seed: 1,
  threads: 1,
  storage,
  ...kinds[kind],
});

/** A number in 0..1 that follows from this one alone. */
const noise = (id) => ((id * 2654435761) % 4294967296) / 4294967296;
const answer = ({ id, known }) => ({ val_acc: 90 + 5 * noise(id), ...(known && { ms: known.ms * (0.9 + 0.2 * noise(id + 7)) }) }); // prettier-ignore

/** Makes a method propose what `random` does, and say something of each. */
function pretend(method, random, known) {
  let round = 0;
  const { propose } = method;
  method.propose = async (count, history) => {
    round += 1;
    const proposals = await random.propose(count, history);
    return proposals.map(({ genes }, i) => {
      const predicted = 90 + 5 * noise(3 * round + i);
      return { genes, round, predicted, interval: [predicted - 1, predicted + 1], ...(known && { known: { ms: 1 + (round % 7) } }) }; // prettier-ignore
    });
  };
  const climb = { alphaEntropy: 0.41, betaEntropy: 0.52, draws: 1234, duplicates: 0.1, invalid: 0.01, picked: 1 };
  Object.defineProperty(method, 'diagnostics', { get: () => ({ climb, neighbours: 250, scored: 1500 }), configurable: true }); // prettier-ignore
  return () => {
    method.propose = propose;
    delete method.diagnostics;
  };
}

async function make(kind, storage, trials) {
  const options = optionsOf(kind, storage);
  const study = await built('index').Study.open(options);
  study.ledger.store.db.pragma('synchronous = OFF');
  const tellAll = async (asked) => {
    for (const trial of asked) await study.tell(trial.id, answer(trial));
  };
  await tellAll(await study.ask(study.nextBatch()));
  const other = { metric: 'val_acc', seed: 2, threads: 1 };
  const random = built('search/methods').createMethod('random', options.space, other).method;
  const restore = kind === 'random' ? () => {} : pretend(study.named.method, random, options.metrics);
  const batch = study.nextBatch();
  while (study.queries < trials - batch)
    await tellAll(await study.ask(Math.min(batch, trials - batch - study.queries)));
  restore();
  await tellAll(await study.ask(batch));
  study.close();
}

async function open(kind, storage, trials) {
  const { Study } = built('index');
  // What a process does once is no part of opening: the space, the addon and the network are made.
  (await Study.open({ ...optionsOf(kind, ':memory:') })).close();
  const options = optionsOf(kind, storage);
  const [start, used] = [performance.now(), process.cpuUsage()];
  const study = await Study.open(options);
  const elapsed = performance.now() - start;
  const { user, system } = process.cpuUsage(used);
  if (study.queries !== trials) throw new Error(`${study.queries} of ${trials} trials`);
  study.close();
  return [elapsed, (user + system) / 1000];
}

async function main() {
  const { values } = parseArgs({
    options: {
      trials: { type: 'string', default: '100000' },
      times: { type: 'string', default: '5' },
      only: { type: 'string' },
    },
  });
  const folder = mkdtempSync(path.join(tmpdir(), 'optiproxy-open-'));
  try {
    for (const kind of Object.keys(kinds).filter((one) => (values.only ?? one) === one)) {
      const file = path.join(folder, 'study.db');
      await make(kind, file, Number(values.trials));
      const size = statSync(file).size / Number(values.trials);
      const times = Array.from({ length: Number(values.times) }, () => {
        // A process of its own: nothing is compiled beforehand.
        const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--child', kind, file, values.trials], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
        if (child.status !== 0) throw new Error(`${kind}: status ${child.status}`);
        return JSON.parse(child.stdout);
      });
      const [wall, cpu] = [0, 1].map((which) => times.map((both) => both[which]));
      const us = (1000 * median(wall)) / Number(values.trials);
      console.log(`${kind}, ${values.trials} trials: ${median(wall).toFixed(0)} ms (${Math.min(...wall).toFixed(0)} to ${Math.max(...wall).toFixed(0)}; ${median(cpu).toFixed(0)} of processor time), ${us.toFixed(1)} us and ${size.toFixed(0)} bytes a trial`); // prettier-ignore
      rmSync(file);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[2] === '--child') {
  const [kind, file, trials] = process.argv.slice(3);
  process.stdout.write(JSON.stringify(await open(kind, file, Number(trials))));
} else await main();
