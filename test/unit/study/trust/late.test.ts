import { inspect, isDeepStrictEqual } from 'node:util';
import { PredictionWindow } from '../../../../src/statistics/window.js';
import { Rounds } from '../../../../src/study/trust/rounds.js';
import type { Round, Trial } from '../../../../src/study/types.js';
import { uniform } from '../../../support/uniform.js';

const climb = { alphaEntropy: 0.4, betaEntropy: null, draws: 100, duplicates: 0.1, invalid: 0, picked: 1 };

/** A search that is asked and told in some order; some trials fail. */
class Search {
  readonly trials: Trial[] = [];
  readonly rounds = new Rounds(this.trials, { metric: 'acc', goal: 'maximize' });
  private readonly next: () => number;
  private readonly running: number[] = [];
  private fit = 0;

  constructor(seed: number) {
    this.next = uniform(seed);
  }

  /** Asks, or finishes a trial. */
  step(): void {
    if (this.running.length === 0 || (this.running.length < 30 && this.next() < 0.2)) this.ask();
    else this.finish();
  }

  private ask(): void {
    const first = this.trials.length;
    this.fit += 1;
    for (let left = 1 + Math.floor(9 * this.next()); left > 0; --left) {
      const predicted = Math.floor(50 * this.next()) / 7;
      const interval = [predicted - this.next(), predicted + this.next()] as const;
      this.trials.push({ id: this.trials.length + 1, architecture: 'a', state: 'running', round: this.fit, predicted, interval }); // prettier-ignore
      this.running.push(this.trials.length);
    }
    this.rounds.asked(this.trials.slice(first), { climb, neighbours: 9, scored: 99 });
  }

  private finish(): void {
    const [id] = this.running.splice(Math.floor(this.running.length * this.next()), 1);
    const trial = this.trials[id! - 1]!;
    const end = this.next() < 0.1 ? { state: 'failed' as const } : { state: 'complete' as const, metrics: { acc: Math.floor(50 * this.next()) / 7 } }; // prettier-ignore
    this.trials[id! - 1] = { ...trial, ...end };
    this.rounds.finished(this.trials[id! - 1]!);
  }
}

test('figures that are looked at late are those of then, to the bit', () => {
  const [early, late] = [new Search(7), new Search(7)];
  const seen = new Map<number, string>();
  for (let i = 0; i < 12_000; ++i) {
    early.step();
    late.step();
    // A round that is asked for stays as it is; when its last trial is finished another takes its place.
    for (const round of early.rounds.all.slice(-9)) seen.set(round.first, JSON.stringify(round));
  }
  for (const round of early.rounds.all) seen.set(round.first, JSON.stringify(round));
  expect(early.rounds.all.at(-30)!.overall.answers).toBe(4096);
  const all = late.rounds.all.toReversed();
  expect(all).toHaveLength(seen.size);
  for (const round of all) expect(JSON.stringify(round)).toBe(seen.get(round.first));
  expect(late.rounds.warnings).toEqual(early.rounds.warnings);
}, 60_000);

test('what was looked at goes on to be the list, and what a round said it goes on to say', () => {
  const search = new Search(5);
  const list = search.rounds.all;
  const asked: Round[] = [];
  while (list.length < 40) {
    search.step();
    if (list.length > asked.length) asked.push(list.at(-1)!);
  }
  expect(search.rounds.all).toBe(list);
  expect(asked.every(({ batch }) => batch === null)).toBe(true);
  const finished = list.filter(({ batch }) => batch !== null);
  expect(finished.length).toBeGreaterThan(20);
  for (const [i, { recent, overall }] of asked.entries()) {
    // When it was asked for: what finished rounds had before.
    expect(overall.answers).toBeLessThanOrEqual(list[i]!.overall.answers);
    expect(recent.answers).toBe(Math.min(20, overall.answers));
  }
});

test('to ask and to finish computes no figure; to look at one computes that', () => {
  const quality = jest.spyOn(PredictionWindow.prototype, 'quality');
  const search = new Search(3);
  for (let i = 0; i < 500; ++i) search.step();
  const { length } = search.rounds.all;
  expect(length).toBeGreaterThan(50);
  expect(quality).not.toHaveBeenCalled();
  const { overall } = search.rounds.all[length >> 1]!;
  expect(search.rounds.all[length >> 1]!.overall).toBe(overall);
  expect(quality).toHaveBeenCalledTimes(1);
  jest.restoreAllMocks();
});

test('a round is like any frozen object', () => {
  const search = new Search(3);
  for (let i = 0; i < 300; ++i) search.step();
  const round = search.rounds.all[5]!;
  const plain = { ...round };
  expect(Object.keys(round)).toEqual(['round', 'first', 'size', 'climb', 'neighbours', 'scored', 'batch', 'recent', 'overall']); // prettier-ignore
  expect(inspect(round)).toBe(inspect(plain));
  expect(isDeepStrictEqual(round, plain)).toBe(true);
  expect(structuredClone(round)).toStrictEqual(plain);
  expect(Object.isFrozen(round)).toBe(true);
});
