import type { Proposal } from '../../../src/baselines/method.js';
import { OptiProxySearch } from '../../../src/search/optiproxy.js';
import type { Preset } from '../../../src/search/preset.js';
import { presetFor } from '../../../src/search/presets.js';
import { createMethod, type MethodOptions } from '../../../src/search/methods.js';
import type { StudyOptions } from '../../../src/study/types.js';
import { MAX_SCAN } from '../../../src/study/options.js';
import { Study } from '../../../src/study/study.js';
import { errorOf } from '../../support/errors.js';
import { historyOf } from '../../support/history.js';
import { edgeCellSpace } from '../../support/spaces.js';

/** Ten edges of four operations: a million architectures. */
const space = edgeCellSpace({ id: 'large', cellNodes: 5, operations: ['a', 'b', 'c', 'd'] });
const options: MethodOptions = { metric: 'acc', seed: 1, threads: 2, init: 10, preset: 'networks' };
const value = (genes: Uint8Array): number => genes.reduce((sum, gene, i) => sum + (gene === i % 4 ? 1 + i / 9 : 0), 0);
const objectives = [{ metric: 'acc', goal: 'maximize' as const }];

async function second(more: Partial<MethodOptions>): Promise<{ proposals: Proposal[]; scored: number }> {
  const { method } = createMethod('optiproxy', space, { ...options, ...more });
  const first = await method.propose(10, historyOf(space, []));
  const told = first.map(({ genes }) => ({ genes, value: value(genes) }));
  const proposals = await method.propose(5, historyOf(space, told));
  const { scored } = method.diagnostics!;
  method.close();
  return { proposals, scored };
}
const best = ({ proposals }: { proposals: Proposal[] }): number => Math.max(...proposals.map(({ predicted }) => predicted!)); // prettier-ignore

test.each(['networks', 'default', 'paper'])(
  '%s: the best of many, scored in bounded memory, are candidates too',
  async (preset) => {
    const [without, scanned] = [await second({ preset }), await second({ preset, scan: 20_000 })];
    expect(without.scored).toBeLessThan(10_000);
    expect(scanned.scored).toBeGreaterThan(20_000);
    // All of them are valid, and each was scored; what they kept is among the candidates of hill climbing.
    expect(scanned.scored).toBeLessThan(20_000 + without.scored + 10_000);
    if (preset === 'paper') expect(best(scanned)).toBeGreaterThanOrEqual(best(without));
  },
  60_000,
);

test('of all there are it finds the one that scoring them all finds', async () => {
  const small = edgeCellSpace({ id: 'small', cellNodes: 4, operations: ['a', 'b', 'c', 'd'] });
  const preset = { ...presetFor('paper', 'small', 'acc'), draws: () => 1 };
  const proposals = async (more: Partial<Preset>): Promise<Proposal> => {
    const method = new OptiProxySearch(small, 1, { ...preset, ...more }, 10, { threads: 1, device: 'cpu' });
    const first = await method.propose(10, historyOf(small, []));
    const told = first.map(({ genes }) => ({ genes, value: value(genes) }));
    const [one] = (await method.propose(1, historyOf(small, told))) as [Proposal];
    method.close();
    return one;
  };
  const [few, all, scanned] = [await proposals({}), await proposals({ explored: 4096 }), await proposals({ scanned: 10_000 })]; // prettier-ignore
  expect(scanned).toEqual(all);
  expect(few.predicted!).toBeLessThan(all.predicted!);
});

test('the same at any number of threads', async () => {
  const [one, two] = [await second({ scan: 5000, threads: 1 }), await second({ scan: 5000 })];
  expect(one).toEqual(two);
});

test('of a study: what it refuses', async () => {
  const refused = async (more: Partial<StudyOptions>): Promise<string> =>
    (await errorOf('INVALID_ARGUMENT', () => Study.open({ space, objectives, ...more }))).message;
  expect(await refused({ scan: 0 })).toMatch(/^options.scan: expected a whole number from 1 to 2147483647, given 0/);
  expect(await refused({ scan: 10, method: 'bananas' })).toMatch(/^scan: expected the method optiproxy or paper, .*given "the method bananas"/); // prettier-ignore
  const two = [...objectives, { metric: 'size', goal: 'minimize' as const }];
  expect(await refused({ scan: 10, objectives: two })).toMatch(/^scan: .* given "several numbers that count"/);
});

test('as many as an option allows can be scanned, and a scan that would take hours can be aborted', async () => {
  // 4^21 architectures: more than any scan has.
  const large = edgeCellSpace({ id: 'larger', cellNodes: 7, operations: ['a', 'b', 'c', 'd'] });
  const study = await Study.open({ space: large, objectives, preset: 'networks', init: 4, scan: MAX_SCAN, threads: 2 });
  for (const { id } of await study.ask(4)) await study.tell(id, { acc: Math.sin(id) });
  const signal = AbortSignal.timeout(500);
  await errorOf('ABORTED', () => study.ask(1, { signal }));
  study.close();
}, 60_000);
