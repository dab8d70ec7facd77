import { Ensemble } from '../../../src/proxy/ensemble.js';
import { createMethod } from '../../../src/search/methods.js';
import { presetFor } from '../../../src/search/presets.js';
import { historyOf, type Answer } from '../../support/history.js';
import { largeSpace } from '../../support/spaces.js';

const space = largeSpace();
const G = space.program.genes.length;
const measure = (genes: Uint8Array): number => genes.reduce((sum, gene, i) => sum + gene * (i + 1), 0);

afterEach(() => jest.restoreAllMocks());

test.each(['default', 'paper'] as const)(
  '%s: a fit to a long history takes a bounded number of samples and steps',
  async (name) => {
    const preset = presetFor(name, space.id, 'acc');
    const random = createMethod('random', space, { metric: 'acc', seed: 2, threads: 1 }).method;
    const fit = jest.spyOn(Ensemble.prototype, 'fit').mockResolvedValue(); // what it is given is what counts here
    const drawn = await random.propose(preset.maxFitSamples + 3000, historyOf(space, []));
    const answers: Answer[] = drawn.map(({ genes }) => ({ genes, value: measure(genes) }));
    for (const length of [preset.maxFitSamples, preset.maxFitSamples + 1, answers.length]) {
      fit.mockClear();
      const options = { metric: 'acc', seed: 1, preset: name, threads: 1, init: 1 };
      const { method } = createMethod('optiproxy', space, options);
      await method.propose(1, historyOf(space, []));
      await method.propose(1, historyOf(space, answers.slice(0, length)));
      const [genes, targets, plan] = fit.mock.calls[0]!;
      expect(targets).toHaveLength(preset.maxFitSamples);
      expect(genes).toHaveLength(preset.maxFitSamples * G);
      const steps = plan.epochs * Math.ceil(targets.length / plan.batch);
      expect(steps).toBeLessThanOrEqual(preset.maxFitSteps);
      expect(steps).toBeGreaterThan(preset.maxFitSteps / 2);
      // The labels are of the samples beside them, and the best of them is the best of all.
      const values = [...targets.keys()].map((i) => measure(genes.subarray(i * G, (i + 1) * G)));
      expect(Math.max(...values)).toBe(Math.max(...answers.slice(0, length).map(({ value }) => value)));
      expect(targets.indexOf(Math.max(...targets))).toBe(values.indexOf(Math.max(...values)));
      method.close();
    }
    random.close();
  },
);

test('all that is answered is fitted in the order proposed while it is short', async () => {
  const method = createMethod('optiproxy', space, { metric: 'acc', seed: 1, threads: 1, init: 1 }).method;
  const fit = jest.spyOn(Ensemble.prototype, 'fit').mockResolvedValue();
  const answers = (await method.propose(500, historyOf(space, []))).map(({ genes }, value) => ({ genes, value }));
  await method.propose(1, historyOf(space, answers));
  expect([...fit.mock.calls[0]![0]]).toEqual(answers.flatMap(({ genes }) => [...genes]));
  method.close();
});
