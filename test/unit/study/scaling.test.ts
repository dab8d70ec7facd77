import { History } from '../../../src/baselines/history.js';
import { Study } from '../../../src/study/study.js';
import { largeSpace } from '../../support/spaces.js';

const [SHORT, LONG] = [1_000, 100_000];

/** What a cost that does not depend on the history may differ by: caches, a busy machine. A linear one differs by 100. */
const FLAT = 5;

const open = (): Promise<Study> =>
  Study.open({ space: largeSpace(), objectives: [{ metric: 'acc', goal: 'maximize' }], method: 'random', threads: 1 });

async function grow(study: Study, queries: number): Promise<void> {
  while (study.queries < queries) {
    const trials = await study.ask(Math.min(1000, queries - study.queries));
    for (const { id } of trials) await study.tell(id, { acc: (id * 7919) % 1009 });
  }
}

/** Median milliseconds of work, the least of three tries: whatever else the machine does only adds. */
async function cost(work: () => Promise<unknown>): Promise<number> {
  const medians: number[] = [];
  for (let attempt = 0; attempt < 3; ++attempt) {
    const times: number[] = [];
    for (let i = 0; i < 300; ++i) {
      const start = performance.now();
      await work();
      times.push(performance.now() - start);
    }
    medians.push(times.sort((a, b) => a - b)[150]!);
  }
  return Math.min(...medians);
}

test('an ask and its tell cost as much after 100,000 trials as after 1,000', async () => {
  const study = await open();
  const round = async (): Promise<void> => {
    const [trial] = await study.ask(1);
    await study.tell(trial!.id, { acc: trial!.id % 1013 });
  };
  await grow(study, SHORT);
  const short = await cost(round);
  await grow(study, LONG);
  expect(await cost(round)).toBeLessThan(FLAT * short);
  study.close();
}, 120_000);

test('100,000 answers in reverse cost as much each as in order', async () => {
  const times: number[] = [];
  for (const reverse of [false, true]) {
    const study = await open();
    const ids: number[] = [];
    while (ids.length < LONG) ids.push(...(await study.ask(1000)).map(({ id }) => id));
    if (reverse) ids.reverse();
    const start = performance.now();
    for (const id of ids) await study.tell(id, { acc: id % 1009 });
    times.push(performance.now() - start);
    expect(study.best!.metrics).toEqual({ acc: 1008 });
    study.close();
  }
  expect(times[1]).toBeLessThan(FLAT * times[0]!);
}, 120_000);

test('neither asking nor telling brings the orders of a history up to date', async () => {
  const reads = [jest.spyOn(History.prototype, 'inOrder'), jest.spyOn(History.prototype, 'byValue')];
  const study = await open();
  await grow(study, SHORT);
  for (const read of reads) expect(read).not.toHaveBeenCalled();
  jest.restoreAllMocks();
  study.close();
});
