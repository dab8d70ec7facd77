// What does an ask(1) and its tell cost beside the search itself, as the history grows?
import assert from 'node:assert/strict';
import { built, largeSpace } from './fixtures.mjs';
import { median } from './stats.mjs';

export const title = 'One ask and tell, without fit, climb and acquire (random: all of it)';

/** Most random first samples that a study takes. */
const MOST_FIRST = 100_000;

/** `first samples`: the search before its first fit, which keeps the same history and never refits. */
const kinds = [
  { name: 'random', method: 'random', guided: false },
  { name: 'optiproxy, first samples', method: 'optiproxy', guided: false },
  { name: 'optiproxy, guided', method: 'optiproxy', guided: true },
];

/** An answer that follows from the trial's number alone. */
const answer = (id) => ({ y: ((id * 2654435761) % 4294967296) / 4294967296 });
const working = ({ fitMs, climbMs, acquireMs }) => fitMs + climbMs + acquireMs;

async function measure({ method, guided }, length, repeats) {
  const { Study } = built('index');
  const objectives = [{ metric: 'y', goal: 'maximize' }];
  const warmUp = guided ? 1 : 20;
  const held = guided ? length : Math.min(length, MOST_FIRST - warmUp - repeats);
  const init = guided ? held : MOST_FIRST;
  const study = await Study.open({ space: largeSpace(), objectives, seed: 1, method, threads: 1, init });
  for (const { id } of await study.ask(held)) await study.tell(id, answer(id));
  const all = [];
  const beside = [];
  for (let i = 0; i < warmUp + repeats; ++i) {
    const worked = working(study.timings);
    const start = performance.now();
    const [trial] = await study.ask(1);
    await study.tell(trial.id, answer(trial.id));
    const elapsed = performance.now() - start;
    if (i < warmUp) continue;
    all.push(elapsed * 1000);
    beside.push((elapsed - (guided ? working(study.timings) - worked : 0)) * 1000);
    assert.equal(trial.round > 0, guided);
  }
  assert.equal(study.queries, held + warmUp + repeats);
  study.close();
  return { value: median(beside), extra: { all_us: median(all) } };
}

export function cases({ quick }) {
  const lengths = quick ? [100] : [100, 1000, 10_000, 100_000];
  const repeats = (guided, length) => {
    if (!guided) return quick ? 20 : 200;
    return quick ? 2 : length > 10_000 ? 3 : 7;
  };
  return kinds.flatMap((kind) =>
    lengths.map((length) => ({
      name: `${kind.name}, history ${length}`,
      unit: 'us',
      open: () => ({ measure: () => measure(kind, length, repeats(kind.guided, length)) }),
    })),
  );
}
