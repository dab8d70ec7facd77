import { digits201Oracle } from '../../../../src/oracle/embedded.js';
import type { TabularOracle } from '../../../../src/oracle/table.js';
import { spaces } from '../../../../src/space/index.js';
import { Study } from '../../../../src/study/study.js';
import type { Quality } from '../../../../src/statistics/window.js';
import type { Round, StudyOptions, Trial } from '../../../../src/study/types.js';
import { tinySpace } from '../../../support/spaces.js';

const open = (options: Partial<StudyOptions> = {}): Promise<Study> =>
  Study.open({ space: spaces.digits201(), objectives: [{ metric: 'val_acc', goal: 'maximize' }], seed: 2, threads: 1, batch: 3, ...options }); // prettier-ignore

let oracle: TabularOracle;
beforeAll(async () => {
  oracle = await digits201Oracle();
});

const nothing: Quality = { answers: 0, tau: null, coverage: null, bias: null };

/** The same by plain loops over complete trials with predictions. */
function plain(trials: readonly Trial[], metric = 'val_acc'): Quality {
  const told = trials.filter(({ state, predicted }) => state === 'complete' && predicted !== undefined);
  const pairs = told.flatMap((a, i) => told.slice(0, i).map((b) => [a, b] as const));
  const of = ({ predicted, metrics }: Trial): [number, number] => [predicted!, metrics![metric]!];
  let [sum, x, y] = [0, 0, 0];
  for (const [a, b] of pairs) {
    const [dx, dy] = [Math.sign(of(a)[0] - of(b)[0]), Math.sign(of(a)[1] - of(b)[1])];
    [sum, x, y] = [sum + dx * dy, x + Math.abs(dx), y + Math.abs(dy)];
  }
  const inside = told.filter(({ interval, metrics }) => interval![0] <= metrics![metric]! && metrics![metric]! <= interval![1]); // prettier-ignore
  const bias = told.reduce((all, trial) => all + (of(trial)[0] - of(trial)[1]), 0) / told.length;
  return {
    answers: told.length,
    tau: x * y === 0 ? null : (expect.closeTo(sum / Math.sqrt(x * y), 10) as number),
    coverage: inside.length / told.length,
    bias: expect.closeTo(bias, 8) as number,
  };
}

test('a run states its rounds before they are queried, and afterwards how they held', async () => {
  const study = await open();
  const seen: Round[] = [];
  await study.run({
    oracle,
    queries: 46,
    onRound: (round) => {
      expect(study.rounds.at(-1)).toBe(round);
      expect(study.trials.slice(round.first - 1).map(({ state }) => state)).toEqual(Array(round.size).fill('running'));
      seen.push(round);
    },
  });
  expect(seen.map(({ first, size }) => [first, size])).toEqual(Array.from({ length: 12 }, (_, i) => [11 + 3 * i, 3]));
  expect(seen[0]).toMatchObject({ batch: null, recent: nothing, overall: nothing });
  study.rounds.forEach((round, i) => {
    const until = study.trials.slice(0, round.first - 1 + round.size);
    expect(round).toEqual({
      ...seen[i]!,
      batch: plain(until.slice(round.first - 1)),
      recent: plain(until.slice(10).slice(-20)),
      overall: plain(until),
    });
    if (i > 0) expect(seen[i]).toMatchObject({ batch: null, recent: study.rounds[i - 1]!.recent });
    for (const { interval, predicted, round: fit } of until.slice(round.first - 1)) {
      expect(fit).toBe(round.round);
      expect(interval![0] <= predicted! && predicted! <= interval![1]).toBe(true);
    }
    expect(Object.isFrozen(round)).toBe(true);
  });
  expect(JSON.parse(JSON.stringify(study.rounds))).toEqual(study.rounds);
  study.close();
});

test('in the unit of a minimised objective: low below high, and a bias that is predicted less measured', async () => {
  const study = await open({ objectives: [{ metric: 'flops', goal: 'minimize' }] });
  await study.run({ oracle, queries: 40 });
  const { overall } = study.rounds.at(-1)!;
  expect(overall).toEqual(plain(study.trials, 'flops'));
  for (const { interval } of study.trials.slice(10)) expect(interval![0]).toBeLessThan(interval![1]);
  expect(overall.coverage).toBeGreaterThan(0.1);
  study.close();
});

test('nothing depends on the order told within a round, nor on threads', async () => {
  const rounds = async (order: 1 | -1, threads: number): Promise<readonly Round[]> => {
    const study = await open({ threads });
    for (const count of [10, 5, 5, 7, 5, 4]) {
      const trials = await study.ask(count);
      if (order === -1) trials.reverse();
      for (const { id, architecture } of trials) await study.tell(id, await oracle(architecture));
    }
    study.close();
    return study.rounds;
  };
  const once = await rounds(1, 1);
  expect(once).toHaveLength(5);
  expect(await rounds(-1, 1)).toEqual(once);
  expect(await rounds(1, 2)).toEqual(once);
});

test('a round is judged when its last trial is finished, whichever that is; what failed does not count', async () => {
  const study = await open();
  for (const { id, architecture } of await study.ask(10)) await study.tell(id, await oracle(architecture));
  const [a, b] = [await study.ask(3), await study.ask(2)];
  const tell = async (trial: Trial): Promise<unknown> => study.tell(trial.id, await oracle(trial.architecture));
  await tell(a[0]!);
  await tell(b[1]!);
  await study.fail(a[2]!.id, 'no memory');
  expect(study.rounds.map(({ batch, recent }) => [batch, recent])).toEqual(Array(2).fill([null, nothing]));
  await tell(b[0]!);
  expect(study.rounds[0]!.batch).toBeNull();
  expect(study.rounds[1]!.batch).toEqual(plain(study.trials.slice(13)));
  await tell(a[1]!);
  expect(study.rounds[0]!.batch).toMatchObject({ answers: 2 });
  expect(study.rounds[0]!.overall).toEqual(plain(study.trials));
  expect(study.rounds[1]!.overall.answers).toBe(2);
  const [c] = [await study.ask(1)];
  await study.fail(c[0]!.id, 'no memory');
  expect(study.rounds[2]).toMatchObject({ batch: nothing, overall: study.rounds[0]!.overall });
  study.close();
});

test('methods without a proxy, first samples and aborted asks make no rounds', async () => {
  for (const method of ['random', 'local-search']) {
    const study = await open({ method });
    await study.run({ oracle, queries: 15, onRound: () => fail('there is none') });
    expect([study.rounds, study.warnings]).toEqual([[], []]);
    for (const { interval } of study.trace()) expect(interval).toBeNull();
    study.close();
  }
  const study = await open();
  await study.run({ oracle, queries: 10 });
  expect(study.rounds).toEqual([]);
  await expect(study.ask(1, { signal: AbortSignal.abort() })).rejects.toThrow();
  expect(study.rounds).toEqual([]);
  study.close();
});

test('a space that is nearly known: random ones that fill an ask up are none of the proxy’s', async () => {
  const study = await Study.open({ space: tinySpace(), objectives: [{ metric: 'acc', goal: 'maximize' }], threads: 1, init: 4, batch: 3 }); // prettier-ignore
  await study.run({ oracle: (architecture) => ({ acc: architecture.split('b').length }), queries: 8 });
  expect(study.rounds.map(({ first, size, scored }) => [first, size, scored])).toEqual([
    [5, 3, 4],
    [8, 1, 1],
  ]);
  expect(study.warnings.map(({ code, round }) => [code, round])).toEqual([['NEIGHBOURHOOD_EXHAUSTED', 1]]);
  study.close();
});

test('the paper’s single network says no interval, so nothing is covered', async () => {
  const study = await open({ preset: 'paper', init: 4, batch: 5 });
  await study.run({ oracle, queries: 9 });
  expect(study.trials.slice(4).every(({ predicted, interval }) => predicted !== undefined && interval === undefined)).toBe(true); // prettier-ignore
  expect(study.rounds[0]!.batch).toMatchObject({ answers: 5, coverage: null });
  study.close();
});
