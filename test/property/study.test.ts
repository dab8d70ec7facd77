import fc from 'fast-check';
import { Study } from '../../src/study/study.js';
import { tinySpace } from '../support/spaces.js';

type Step = { kind: 'ask'; count: number } | { kind: 'tell' | 'fail' | 'bad'; pick: number; value: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('ask' as const), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({
    kind: fc.constantFrom('tell' as const, 'fail' as const, 'bad' as const),
    pick: fc.nat(20),
    value: fc.integer({ min: -5, max: 5 }),
  }),
);

test('whatever is asked and told in whatever order, the books balance', async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.boolean(), async (steps, maximise) => {
    const study = await Study.open({
      space: tinySpace(),
      objectives: [{ metric: 'v', goal: maximise ? 'maximize' : 'minimize' }],
      method: 'random',
    });
    const told: number[] = [];
    let finished = 0;
    for (const s of steps) {
      if (s.kind === 'ask') {
        const left = 8 - study.trials.length;
        expect(await study.ask(s.count)).toHaveLength(Math.min(left, s.count));
        continue;
      }
      const open = study.trials[s.pick]?.state === 'running';
      const call =
        s.kind === 'fail'
          ? study.fail(s.pick + 1, 'x')
          : study.tell(s.pick + 1, s.kind === 'tell' ? { v: s.value } : { v: NaN });
      const succeeded = await call.then(() => true, () => false); // prettier-ignore
      expect(succeeded).toBe(open && s.kind !== 'bad');
      if (succeeded) finished += 1;
      if (succeeded && s.kind === 'tell') told.push(s.value);
    }
    expect(study.queries).toBe(finished);
    expect(study.trace()).toHaveLength(finished);
    expect(study.best?.metrics?.['v']).toBe(told.length === 0 ? undefined : Math[maximise ? 'max' : 'min'](...told));
    expect(new Set(study.trials.map(({ architecture }) => architecture)).size).toBe(study.trials.length);
    study.close();
  });
  await fc.assert(property, { numRuns: 200 });
});
