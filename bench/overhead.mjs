// What does an ask(1) and its tell cost beside the search itself, as the history grows?
import assert from 'node:assert/strict';
import { built, largeSpace } from './fixtures.mjs';
import { median } from './stats.mjs';

export const title = 'One ask and tell, without fit, climb and acquire (random: all of it)';

/** An answer that follows from the trial's number alone. */
const answer = (id) => ({ y: ((id * 2654435761) % 4294967296) / 4294967296 });
const working = ({ fitMs, climbMs, acquireMs }) => fitMs + climbMs + acquireMs;

async function measure(method, length, repeats) {
  const { Study } = built('index');
  const objectives = [{ metric: 'y', goal: 'maximize' }];
  const study = await Study.open({ space: largeSpace(), objectives, seed: 1, method, threads: 1, init: length });
  for (const { id } of await study.ask(length)) await study.tell(id, answer(id));
  const all = [];
  const beside = [];
  const warmUp = method === 'random' ? 20 : 1;
  for (let i = 0; i < warmUp + repeats; ++i) {
    const worked = working(study.timings);
    const start = performance.now();
    const [trial] = await study.ask(1);
    await study.tell(trial.id, answer(trial.id));
    const elapsed = performance.now() - start;
    if (i < warmUp) continue;
    all.push(elapsed * 1000);
    beside.push((elapsed - (method === 'random' ? 0 : working(study.timings) - worked)) * 1000);
    assert.equal(trial.round > 0, method !== 'random');
  }
  assert.equal(study.queries, length + warmUp + repeats);
  study.close();
  return { value: median(beside), extra: { all_us: median(all) } };
}

export function cases({ quick }) {
  const lengths = quick ? [100] : [100, 1000, 10_000, 100_000];
  const repeats = (method, length) => {
    if (method === 'random') return quick ? 20 : 200;
    return quick ? 2 : length > 10_000 ? 3 : 7;
  };
  return ['random', 'optiproxy'].flatMap((method) =>
    lengths.map((length) => ({
      name: `${method}, history ${length}`,
      unit: 'us',
      open: () => ({ measure: () => measure(method, length, repeats(method, length)) }),
    })),
  );
}
