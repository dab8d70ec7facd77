import Sqlite from 'better-sqlite3';
import { Study } from '../../../src/study/study.js';
import type { Oracle, StudyOptions } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';
import { filesOfEachTest, measured, objectives, options, seen, space } from '../../support/kept.js';
import { edgeCellSpace } from '../../support/spaces.js';

const fileOf = filesOfEachTest();

/** One thing after the other happens to a study, as a function of how much did already. */
async function step(study: Study, at: number): Promise<void> {
  const running = study.trials.filter(({ state }) => state === 'running');
  if (at % 5 === 0 || running.length === 0) {
    await study.ask([6, 2, 3, 1, 4][((at / 5) % 5) | 0], { left: 30 });
    return;
  }
  const trial = running[(7 * at) % running.length]!;
  if (at % 11 === 3) await study.fail(trial.id, 'out of memory');
  else await study.tell(trial.id, measured(trial.architecture));
}

const settings: [string, Partial<StudyOptions>][] = [
  ['the default', {}],
  ['networks', { preset: 'networks' }],
  ['local search', { method: 'local-search' }],
  ['two objectives', { objectives: [...objectives, { metric: 'size', goal: 'minimize' }] }],
  ['a limit that only a query tells', { constraints: [{ metric: 'size', max: 8 }] }],
  [
    'a metric that is known',
    {
      metrics: { size: (architecture) => measured(architecture)['size']! },
      constraints: [{ metric: 'size', max: 9 }],
      units: { size: 'MB' },
    },
  ],
  ['a fidelity', { fidelity: { epochs: 3, fullEpochs: 10 } }],
];

test.each(settings)(
  '%s: a study that ends after any call goes on as if nothing had happened',
  async (_, more) => {
    const [whole, parts] = [await Study.open({ ...options, ...more }), fileOf()];
    for (let at = 0; at < 30; ++at) {
      await step(whole, at);
      const study = await Study.open({ ...options, ...more, storage: parts });
      await step(study, at);
      expect(seen(study)).toEqual(seen(whole));
      study.close();
    }
    whole.close();
    const again = await Study.open({ ...options, ...more, storage: parts });
    expect(seen(again)).toEqual(seen(whole));
    again.close();
  },
  120_000,
);

test('a run takes what was running, then goes on to its own end', async () => {
  const oracle: Oracle = measured;
  const whole = await Study.open(options);
  await whole.run({ oracle, queries: 20 });
  const storage = fileOf();
  for (let queries = 0, opens = 0; queries < 20; ++opens) {
    const study = await Study.open({ ...options, storage });
    let left = 3;
    const failing: Oracle = (architecture) => (left-- > 0 ? measured(architecture) : new Promise<never>(() => {}));
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 60);
    await study.run({ oracle: failing, queries: 20, signal: stop.signal }).catch(() => {});
    queries = study.queries;
    study.close();
    expect(opens).toBeLessThan(20);
  }
  const study = await Study.open({ ...options, storage });
  expect(study.trace()).toEqual(whole.trace());
  // A larger budget is another run.
  await whole.run({ oracle, queries: 25 });
  await study.run({ oracle, queries: 25 });
  expect(study.trace()).toEqual(whole.trace());
  for (const one of [whole, study]) one.close();
}, 60_000);

test('in memory, where nothing outlives it', async () => {
  const study = await Study.open({ ...options, storage: ':memory:' });
  await study.run({ oracle: measured, queries: 8 });
  expect(study.queries).toBe(8);
  study.close();
});

test('what is in the file can be read by others meanwhile', async () => {
  const study = await Study.open({ ...options, storage: fileOf() });
  await study.run({ oracle: measured, queries: 7 });
  const [running] = await study.ask();
  const reader = new Sqlite(fileOf(), { readonly: true });
  const rows = reader.prepare('SELECT id, architecture, state, metrics FROM trials ORDER BY id').all();
  expect(rows).toEqual(
    study.trials.map(({ id, architecture, state, metrics }) => ({
      id,
      architecture,
      state: state === 'running' ? 'asked' : state, // nobody has begun to query it
      metrics: metrics === undefined ? null : JSON.stringify(metrics),
    })),
  );
  // And while one reads, answers are told.
  reader.exec('BEGIN');
  reader.prepare('SELECT * FROM events').all();
  await study.tell(running!.id, measured(running!.architecture));
  reader.close();
  study.close();
});

test.each<[string, Partial<StudyOptions>]>([
  ['seed', { seed: 4 }],
  ['objectives', { objectives: [{ metric: 'acc', goal: 'minimize' }] }],
  ['method', { method: 'tpe' }],
  ['preset', { preset: 'networks' }],
  ['init', { init: 7 }],
  ['constraints', { constraints: [{ metric: 'size', max: 8 }] }],
  ['fidelity', { fidelity: { epochs: 3, fullEpochs: 10 } }],
  ['pool', { pool: ['|a~0|+|a~0|a~1|+|a~0|a~1|a~2|'] }],
  ['encoding', { space: edgeCellSpace({ id: 'cell', cellNodes: 3, operations: ['a', 'b'] }) }],
])('the file of another study: %s', async (name, more) => {
  (await Study.open({ ...options, storage: fileOf() })).close();
  const given = 'pool' in more ? { pool: [space.example] } : more;
  const { message } = await errorOf('STUDY_MISMATCH', () => Study.open({ ...options, ...given, storage: fileOf() }));
  expect(message).toMatch(
    new RegExp(`^storage .*, ${name}: expected .*, given .*\\(hint: the file is of another study`),
  );
  // It was let go of, and is as it was.
  (await Study.open({ ...options, storage: fileOf() })).close();
});

test('threads and batch are no part of what makes a study', async () => {
  (await Study.open({ ...options, storage: fileOf() })).close();
  (await Study.open({ ...options, threads: 2, batch: 7, storage: fileOf() })).close();
});

test('the same study, however it is spelt', async () => {
  const spelt: [Partial<StudyOptions>, Partial<StudyOptions>][] = [
    [{ objectives: [{ goal: 'maximize', metric: 'acc' }] }, {}],
    [{ fidelity: { fullEpochs: 10, epochs: 3, metric: 'acc' } }, { fidelity: { epochs: 3, fullEpochs: 10 } }],
    [{ pool: ['|a~0|+|a~0|b~1|+|c~0|b~1|a~2|', '|c~0|+|a~0|b~1|+|c~0|b~1|a~2|'] }, { pool: ['|c~0|+|a~0|b~1|+|c~0|b~1|a~2|', '|a~0|+|a~0|b~1|+|c~0|b~1|a~2|'] }], // prettier-ignore
  ];
  for (const [i, [one, other]] of spelt.entries()) {
    (await Study.open({ ...options, ...one, storage: fileOf(`${i}`) })).close();
    (await Study.open({ ...options, ...other, storage: fileOf(`${i}`) })).close();
  }
});
