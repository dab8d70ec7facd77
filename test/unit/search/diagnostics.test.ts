import type { Proposal } from '../../../src/baselines/method.js';
import { native } from '../../../src/native.js';
import { logGap, standardise } from '../../../src/proxy/labels.js';
import { CandidateNotes, expectation } from '../../../src/search/diagnostics.js';
import { OptiProxySearch } from '../../../src/search/optiproxy.js';
import type { Preset } from '../../../src/search/preset.js';
import { presetFor } from '../../../src/search/presets.js';
import { spaces } from '../../../src/space/index.js';
import type { SearchSpace } from '../../../src/space/types.js';
import { Rounds } from '../../../src/study/trust/rounds.js';
import type { Trial } from '../../../src/study/types.js';
import { historyOf } from '../../support/history.js';
import { climbPlan, finish, newProxy } from '../../support/native.js';
import { edgeCellSpace, tinySpace } from '../../support/spaces.js';

const oneThread = { threads: 1, device: 'cpu' } as const;

const digits = spaces.digits201();
const standard = presetFor('networks', digits.id, 'acc');
const open = (preset: Partial<Preset> = {}, space: SearchSpace = digits): OptiProxySearch =>
  new OptiProxySearch(space, 3, { ...standard, ...preset }, 10, oneThread);

const value = ({ genes }: { genes: Uint8Array }): number => genes.reduce((sum, gene, i) => sum + gene * (i + 1), 0);

/** Rounds of three after ten first samples, all answered. */
async function search(method: OptiProxySearch, rounds: number, space = digits): Promise<Proposal[][]> {
  const asked = [await method.propose(10, historyOf(space, []))];
  for (let i = 0; i < rounds; ++i) {
    const answers = asked.flat().map(({ genes }) => ({ genes, value: value({ genes }) }));
    asked.push(await method.propose(3, historyOf(space, answers)));
  }
  return asked;
}

describe('what is expected', () => {
  test('is the median and the 5 % and 95 % of a Gaussian target, mapped to the objective', () => {
    for (const labels of [standardise([3, 5, 9, 1]), logGap([90, 91.5, 93, 70], 0.05)]) {
      const { predicted, interval } = expectation(labels, 0.3, 0.2);
      expect(predicted).toBe(labels.invert(0.3));
      expect(interval![0]).toBeCloseTo(labels.invert(0.3 - 1.644854 * 0.2), 5);
      expect(interval![1]).toBeCloseTo(labels.invert(0.3 + 1.644854 * 0.2), 5);
      expect(interval![0]).toBeLessThan(predicted!);
    }
  });

  test('has no interval where nothing says how sure it is', () => {
    const labels = logGap([90, 91.5, 93, 70], 0.05);
    expect(expectation(labels, 0.3, undefined)).toEqual({ predicted: labels.invert(0.3) });
    expect(expectation(labels, -1e30, 1e30).interval).toBeUndefined();
  });

  test('is said by an ensemble, not by a single network', async () => {
    for (const members of [5, 1]) {
      const method = open({ model: { ...standard.model, members }, climb: { ...standard.climb, steps: 5 } });
      const [, guided] = await search(method, 1);
      for (const { predicted, interval } of guided!) {
        if (members === 1) expect(interval).toBeUndefined();
        else expect(interval![0] < predicted! && predicted! < interval![1]).toBe(true);
      }
      method.close();
    }
  });
});

test('notes of draws and neighbours are those of plain counting', async () => {
  const { program } = tinySpace(); // eight architectures of three bits, as choices
  const [pool, proxy] = [new (native().Pool)(program), newProxy({}, program)];
  proxy.beginClimb(climbPlan);
  await finish(() => proxy.climb(100));
  pool.addKnown(Uint8Array.of(0, 0, 0, 0, 0, 1, 1, 1, 1));
  pool.clear();
  const notes = new CandidateNotes(pool);
  pool.addClimbed(proxy, { draws: 30, sharpness: 1, noise: 0, seed: 1, round: 1 });
  const drawn = pool.size;
  notes.drawn(proxy.entropy(1));
  pool.addNeighbours(Uint8Array.of(0, 0, 0)); // (1, 0, 0), (0, 1, 0), and the known (0, 0, 1)
  notes.surrounded();
  const { climb, neighbours, scored } = notes.picked(Uint32Array.of(0, drawn - 1, drawn, drawn + 1));
  expect(climb).toEqual({
    alphaEntropy: proxy.entropy(1).alpha,
    betaEntropy: null,
    draws: 120, // of two members and two restarts
    duplicates: (120 - drawn) / 120,
    invalid: 0,
    picked: 2,
  });
  expect(neighbours).toBe(2);
  expect(scored).toBe(pool.size);
  for (const object of [pool, proxy]) object.close();
});

test('draws that break a constraint are counted', async () => {
  const space = spaces.nasbench101();
  const method = open({}, space);
  await search(method, 1, space);
  const { alphaEntropy, betaEntropy, duplicates, invalid } = method.diagnostics!.climb!;
  for (const entropy of [alphaEntropy!, betaEntropy!]) expect(entropy > 0 && entropy < 1).toBe(true);
  expect(invalid).toBeGreaterThan(0.05);
  expect(duplicates + invalid).toBeLessThan(1);
  method.close();
});

test('nothing is said of the first samples, and nothing of a climb where the whole space is scored', async () => {
  const [climbing, small] = [open(), edgeCellSpace({ id: 'small', cellNodes: 4, operations: ['a', 'b', 'c'] })];
  const [first] = await search(climbing, 0);
  expect(climbing.diagnostics).toBeUndefined();
  await climbing.propose(3, historyOf(digits, first!.map(({ genes }) => ({ genes, value: value({ genes }) })))); // prettier-ignore
  const { climb, neighbours, scored } = climbing.diagnostics!;
  expect(climb).toMatchObject({ draws: 1000, betaEntropy: null, invalid: 0 });
  expect(climb!.picked).toBeLessThanOrEqual(3);
  expect(neighbours).toBeGreaterThan(50);
  expect(scored).toBeGreaterThanOrEqual(neighbours!);
  climbing.close();
  const whole = open({}, small);
  await search(whole, 2, small);
  expect(whole.diagnostics).toEqual({ climb: null, neighbours: null, scored: 729 - 13 });
  whole.close();
});

test('distributions that hold one architecture each are told once, those of the preset are not', async () => {
  for (const [sharpness, expected] of [
    [standard.draw.sharpness, []],
    [1000, ['MODE_COLLAPSE']],
  ] as const) {
    const method = open({ draw: { sharpness, noise: 0 } });
    const trials: Trial[] = [];
    const rounds = new Rounds(trials, { metric: 'acc', goal: 'maximize' });
    const asked = [...(await search(method, 0)).flat()];
    for (let i = 0; i < 6; ++i) {
      const answers = asked.map(({ genes }) => ({ genes, value: value({ genes }) }));
      const proposals = await method.propose(3, historyOf(digits, answers));
      const running = proposals.map(({ predicted, round }, k): Trial => ({ id: asked.length + k + 1, architecture: '', state: 'running', predicted: predicted!, round })); // prettier-ignore
      rounds.asked(running, method.diagnostics!);
      asked.push(...proposals);
    }
    expect(rounds.warnings.map(({ code }) => code)).toEqual(expected);
    method.close();
  }
});
