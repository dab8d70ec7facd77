import Sqlite from 'better-sqlite3';
import { methodNames } from '../../../src/search/methods.js';
import { sampleSpace } from '../../../src/space/explore.js';
import { Study } from '../../../src/study/study.js';
import type { StudyOptions } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';
import { filesOfEachTest, measured, options, seen, space } from '../../support/kept.js';

const fileOf = filesOfEachTest();
const open = (given: Partial<StudyOptions> = {}): Promise<Study> => Study.open({ ...options, ...given });
const oracle = measured;
const favourites = sampleSpace(space, 8, 77);
const names = (study: Study): string[] => study.trials.map(({ architecture }) => architecture);

describe.each(methodNames)('%s', (method) => {
  test('what is enqueued is asked first, once, and the search goes on without asking for it again', async () => {
    const study = await open({ method });
    expect(await study.enqueue(favourites)).toBe(8);
    const first = await study.ask(3);
    expect(first.map(({ architecture }) => architecture)).toEqual(favourites.slice(0, 3));
    for (const { id, architecture } of first) await study.tell(id, measured(architecture));
    await study.run({ oracle, queries: 24 });
    expect(names(study).slice(0, 8)).toEqual(favourites);
    expect(new Set(names(study)).size).toBe(24);
    expect(study.rounds.length > 0).toBe(study.trials.some(({ predicted }) => predicted !== undefined));
    study.close();
  });

  test('what was measured elsewhere is known', async () => {
    const study = await open({ method });
    const known = favourites.map((architecture) => ({ architecture, metrics: measured(architecture) }));
    expect(await study.warmStart(known)).toBe(8);
    expect(await study.warmStart(known)).toBe(0);
    expect(study.queries).toBe(8);
    expect(study.best!.metrics!['acc']).toBe(Math.max(...known.map(({ metrics }) => metrics['acc']!)));
    const asked: string[] = [];
    await study.run({ oracle: (architecture) => (asked.push(architecture), measured(architecture)), queries: 20 });
    expect(asked).toHaveLength(12);
    expect(asked.filter((one) => favourites.includes(one))).toEqual([]);
    // Where there are as many as the first samples, the method has them to learn from at once.
    if (method === 'optiproxy') expect(study.trials[8]!.predicted).toBeDefined();
    study.close();
  });
});

test('a study that is opened again goes on with both', async () => {
  const begun = async (storage: string | undefined): Promise<Study> => {
    const study = await open(storage === undefined ? {} : { storage });
    await study.warmStart(favourites.slice(0, 2).map((architecture) => ({ architecture, metrics: measured(architecture) }))); // prettier-ignore
    await study.enqueue(favourites.slice(1, 6)); // one of them is known
    await study.run({ oracle, queries: 4 });
    return study;
  };
  const [whole, study] = [await begun(undefined), await begun(fileOf())];
  study.close();
  const again = await open({ storage: fileOf() });
  expect(names(again)).toEqual(favourites.slice(0, 4));
  expect(await again.enqueue(favourites)).toBe(2);
  expect(await whole.enqueue(favourites)).toBe(2);
  for (const one of [again, whole]) await one.run({ oracle, queries: 20 });
  expect(names(again).slice(0, 8)).toEqual(favourites);
  expect(seen(again)).toEqual(seen(whole));
  for (const one of [again, whole]) one.close();
});

test.each(['optiproxy', 'evolution'])(
  '%s: what failed, or was given up, can be asked for again on purpose',
  async (method) => {
    const study = await open({ method, storage: fileOf() });
    const trials = await study.ask(6);
    await study.fail(1, 'no disk');
    await study.abort(2);
    const names = trials.map(({ architecture }) => architecture);
    expect(await study.enqueue(names)).toBe(2);
    expect(await study.enqueue(names)).toBe(0);
    study.close();
    const again = await open({ method, storage: fileOf() });
    await again.run({ oracle, queries: 20 });
    expect(again.trials.slice(6, 8).map(({ architecture, state }) => [architecture, state])).toEqual([[names[0], 'complete'], [names[1], 'complete']]); // prettier-ignore
    expect(await again.enqueue(names)).toBe(0);
    expect(new Set(again.trials.map(({ architecture }) => architecture)).size).toBe(again.trials.length - 2);
    again.close();
  },
);

test('with a fidelity they are full trainings', async () => {
  const study = await open({ fidelity: { epochs: 1, fullEpochs: 10, metric: 'size' } });
  await study.enqueue(favourites.slice(0, 2));
  await study.warmStart([{ architecture: favourites[3]!, metrics: measured(favourites[3]!) }]);
  await study.run({ oracle, queries: 8 });
  expect(study.trials.slice(0, 3).map(({ architecture, fidelity }) => [architecture, fidelity])).toEqual([[favourites[3], undefined], [favourites[0], undefined], [favourites[1], undefined]]); // prettier-ignore
  expect(study.screened).toBeGreaterThan(0);
  study.close();
});

test('what may not be queried, cannot be told, or is no architecture is refused, and nothing has happened', async () => {
  const study = await open({
    pool: favourites,
    metrics: { cost: { evaluate: (genes: Uint8Array) => Promise.resolve(Float64Array.from({ length: genes.length / 6 }, (_, i) => genes[6 * i]!)) } }, // prettier-ignore
    constraints: [{ metric: 'cost', max: 1 }],
  });
  const [other] = sampleSpace(space, 1, 5).filter((one) => !favourites.includes(one));
  expect((await errorOf('INVALID_ARGUMENT', () => study.enqueue([other!]))).message).toMatch(/^architectures\[0\]: expected one of the pool/); // prettier-ignore
  const dear = favourites.find((one) => space.parse(one)[0]! > 1)!;
  expect((await errorOf('INVALID_ARGUMENT', () => study.enqueue([dear]))).message).toMatch(/expected one that is known to meet the constraints/); // prettier-ignore
  await errorOf('INVALID_ARCHITECTURE', () => study.enqueue(['|x~0|']));
  await errorOf('INVALID_ARCHITECTURE', () => study.warmStart([{ architecture: 'x', metrics: { acc: 1 } }]));
  await errorOf('INVALID_METRICS', () => study.warmStart([{ architecture: favourites[0]!, metrics: { size: 1 } }]));
  for (const wrong of [undefined, 'a', [1]] as unknown as string[][])
    await errorOf('INVALID_ARGUMENT', () => study.enqueue(wrong));
  for (const wrong of [undefined, 'a', [1], [{}]] as unknown as [])
    await errorOf('INVALID_ARGUMENT', () => study.warmStart(wrong));
  expect(study.trials).toEqual([]);
  study.close();
});

test('at once, during an ask, or of what is enqueued: each is asked for once', async () => {
  const study = await open({ method: 'random' });
  expect((await Promise.all([study.enqueue(favourites), study.enqueue(favourites)])).reduce((a, b) => a + b)).toBe(8);
  expect(await study.warmStart([{ architecture: favourites[0]!, metrics: measured(favourites[0]!) }])).toBe(1);
  const asked = study.ask(4);
  const late = sampleSpace(space, 400, 9).filter((one) => !favourites.includes(one));
  await study.enqueue(late);
  await asked;
  await study.run({ oracle, queries: 300 });
  expect(new Set(names(study)).size).toBe(names(study).length);
  await errorOf('BUSY', async () => {
    const running = study.run({ oracle: async (one) => Promise.resolve(measured(one)), queries: 310 });
    await study.warmStart([]).finally(() => running);
  });
  study.close();
});

test('a warm start is in the file as a whole, or not at all', async () => {
  const study = await open({ storage: fileOf() });
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  const spy = jest.spyOn(Sqlite.prototype as { transaction: (work: () => void) => unknown }, 'transaction').mockImplementation(() => ({ immediate: () => { throw full; } })); // prettier-ignore
  const known = favourites.map((architecture) => ({ architecture, metrics: measured(architecture) }));
  await errorOf('STORAGE_FAILED', () => study.warmStart(known));
  spy.mockRestore();
  const reader = new Sqlite(fileOf(), { readonly: true });
  const count = (): unknown => reader.prepare('SELECT count(*) FROM trials').pluck().get();
  expect(count()).toBe(0);
  await study.ask(1); // what was not written comes first
  expect(count()).toBe(9);
  reader.close();
  study.close();
  const again = await open({ storage: fileOf() });
  expect(again.queries).toBe(8);
  again.close();
});
