import type { Round, Warning } from '../../../../src/study/types.js';
import { Alarm } from '../../../../src/study/trust/alarm.js';
import { WarningWatch } from '../../../../src/study/trust/warnings.js';
import { PredictionWindow } from '../../../../src/statistics/window.js';
import { round as example } from '../../../support/reported.js';

const codes = (warnings: readonly Warning[]): string[] => warnings.map(({ code }) => code);
const healthy: Round = { ...example, size: 3, neighbours: 100, scored: 400 };

describe('an alarm', () => {
  const onsets = (alarm: Alarm, evidence: string): number[] =>
    [...evidence].flatMap((one, i) => (alarm.judge(one === '!') ? [i] : []));

  test.each([
    [1, 1, '.!!!.!.', [1, 5]],
    [3, 2, '!!.!!!!!', [5]],
    [3, 2, '!!!.!!!!', [2]], // one calm round does not end it
    [3, 2, '!!!..!!!', [2, 7]],
    [1, 5, '!.!..!...!....!.....!', [0, 20]],
  ])('that takes %d to begin and %d to end, in %s', (start, end, evidence, expected) => {
    expect(onsets(new Alarm(start, end), evidence)).toEqual(expected);
  });

  test('weighs its evidence', () => {
    const alarm = new Alarm(20, 10);
    expect([7, 7, 5, 1].map((weight) => alarm.judge(true, weight))).toEqual([false, false, false, true]);
    expect(alarm.judge(false, 9)).toBe(false);
    expect(alarm.judge(true, 99)).toBe(false); // still on
    expect(alarm.judge(false, 10)).toBe(false);
    expect(alarm.judge(true, 20)).toBe(true);
  });
});

describe('collapsed distributions', () => {
  const climbed = (alphaEntropy: number | null, betaEntropy: number | null, duplicates: number): Round => ({
    ...healthy,
    climb: { alphaEntropy, betaEntropy, draws: 1000, duplicates, invalid: 0, picked: 0 },
  });
  const said = (...rounds: Round[]): string[] => {
    const watch = new WarningWatch('maximize', 20);
    return rounds.flatMap((round) => codes(watch.asked(round)));
  };

  test('for three rounds are told, once', () => {
    const collapsed = climbed(0.01, null, 0.98);
    expect(said(collapsed, collapsed)).toEqual([]);
    expect(said(collapsed, collapsed, healthy, collapsed, collapsed)).toEqual([]);
    expect(said(...Array<Round>(9).fill(collapsed))).toEqual(['MODE_COLLAPSE']);
  });

  test('are not those that are sure but new, unsure but known, or half of them', () => {
    for (const fine of [climbed(0.01, null, 0.5), climbed(0.3, null, 1), climbed(0.01, 0.4, 1), climbed(0.4, 0.01, 1)])
      expect(said(...Array<Round>(9).fill(fine))).toEqual([]);
    expect(said(...Array<Round>(3).fill(climbed(null, 0.02, 0.99)))).toEqual(['MODE_COLLAPSE']);
    expect(said(...Array<Round>(9).fill({ ...healthy, climb: null }))).toEqual([]);
  });

  test('are told in words', () => {
    const watch = new WarningWatch('maximize', 20);
    const [warning] = [1, 2, 7].flatMap((round) => watch.asked({ ...climbed(0.012, null, 0.976), round }));
    expect(warning).toEqual({
      code: 'MODE_COLLAPSE',
      message:
        'the climbed distributions have collapsed: their entropy is 0.01 of 1, and 98 % of 1000 draws were asked or drawn before',
      hint: expect.stringMatching(/init/) as string,
      round: 7,
    });
  });
});

test('an exhausted neighbourhood is told at once, and again only after it had ended for five rounds', () => {
  const watch = new WarningWatch('maximize', 20);
  const calm = (rounds: number): Round[] => Array<Round>(rounds).fill(healthy);
  const around: Round = { ...healthy, neighbours: 0 };
  const few: Round = { ...healthy, scored: 5 };
  const said = [healthy, around, ...calm(4), few, ...calm(5), few, ...calm(5), { ...healthy, neighbours: null }]
    .map((round, i) => watch.asked({ ...round, round: i }))
    .flat();
  expect(said.map(({ code, round }) => `${code} ${round}`)).toEqual([
    'NEIGHBOURHOOD_EXHAUSTED 1',
    'NEIGHBOURHOOD_EXHAUSTED 12',
  ]);
  expect(said[0]!.message).toMatch(/every neighbour of the best architectures that may be asked has been/);
  expect(said[1]!.message).toMatch(/5 candidates for 3 queries/);
});

describe('answers', () => {
  /** Tells, in rounds of `batch`, 20 samples and then these answers. */
  function judged(
    answers: readonly { predicted: number; value: number; width?: number }[],
    { goal = 'maximize' as const, batch = 1, samples = 20 }: { goal?: 'maximize' | 'minimize'; batch?: number; samples?: number } = {}, // prettier-ignore
  ): string[] {
    const watch = new WarningWatch(goal, 20);
    const window = new PredictionWindow(20);
    for (let i = 0; i < samples; ++i) watch.sampled(i);
    const said: Warning[] = [];
    answers.forEach(({ predicted, value, width }, i) => {
      const interval = width === undefined ? undefined : ([predicted - width, predicted + width] as const);
      window.push({ predicted, value, interval });
      if ((i + 1) % batch === 0) said.push(...watch.finished({ ...healthy, round: i + 1 }, window, batch));
    });
    return said.map(({ code, round }) => `${code} ${round}`);
  }
  const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

  test('in the opposite order of the predictions, and no better than the samples: a gap', () => {
    // Values 5..14 of samples 0..19: exactly as good.
    const opposite = times(60, (i) => ({ predicted: -(i % 10), value: 5 + (i % 10) }));
    expect(judged(opposite)).toEqual(['PROXY_GAP 20']);
    expect(judged(opposite.slice(0, 19))).toEqual([]);
    expect(judged(opposite, { goal: 'minimize' })).toEqual(['PROXY_GAP 20']);
    expect(judged(opposite, { samples: 4 })).toEqual([]);
    expect(judged(opposite, { batch: 10 })).toEqual(['PROXY_GAP 20']);
  });

  test('in any order, but better than the samples: none', () => {
    const better = times(60, (i) => ({ predicted: -(i % 10), value: 15 + (i % 10) }));
    expect(judged(better)).toEqual([]);
    expect(judged(better, { goal: 'minimize' })).toEqual(['PROXY_GAP 20']); // there they are worse
  });

  test('in the order predicted, though no better: none; all equal: none', () => {
    expect(judged(times(60, (i) => ({ predicted: i % 10, value: 5 + (i % 10) })))).toEqual([]);
    expect(judged(times(60, () => ({ predicted: 1, value: 5 })))).toEqual([]);
  });

  test('that stay below the interval for 20 more are expected too much of', () => {
    const missed = times(80, (i) => ({ predicted: 30 + i, value: 25 + i, width: 2 }));
    expect(judged(missed)).toEqual(['PROXY_OPTIMISM 39']);
    expect(judged(missed.slice(0, 38))).toEqual([]);
    // In large rounds it takes three.
    expect(judged(missed, { batch: 20 })).toEqual(['PROXY_OPTIMISM 60']);
  });

  test('above the interval, or mostly inside, or without one, are not', () => {
    expect(judged(times(80, (i) => ({ predicted: 30 + i, value: 35 + i, width: 2 })))).toEqual([]);
    expect(judged(times(80, (i) => ({ predicted: 30 + i, value: 25 + i, width: 6 })))).toEqual([]);
    expect(judged(times(80, (i) => ({ predicted: 30 + i, value: 25 + i, width: i % 5 < 2 ? 6 : 2 })))).toEqual([]);
    expect(judged(times(80, (i) => ({ predicted: 30 + i, value: 25 + i })))).toEqual([]);
  });

  test('of a minimised objective are too much expected of where they are larger', () => {
    const larger = times(80, (i) => ({ predicted: -30 - i, value: -25 - i, width: 2 }));
    expect(judged(larger, { goal: 'minimize' })).toEqual(['PROXY_OPTIMISM 39']);
    expect(judged(larger.map(({ predicted, value, width }) => ({ predicted: -predicted, value: -value, width })), { goal: 'minimize' })).toEqual([]); // prettier-ignore
  });
});
