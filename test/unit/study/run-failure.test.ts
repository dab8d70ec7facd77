import { setTimeout as sleep } from 'node:timers/promises';
import { spaces } from '../../../src/space/index.js';
import { Study } from '../../../src/study/study.js';
import type { Metrics, Oracle, OracleContext } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';

let study: Study;
beforeEach(async () => {
  study = await Study.open({
    space: spaces.digits201(),
    objectives: [{ metric: 'acc', goal: 'maximize' }],
    method: 'random',
    init: 6,
    batch: 4,
    seed: 3,
  });
});
afterEach(() => study.close());

const good: Oracle = (architecture) => ({ acc: architecture.length });
const states = (): string[] => study.trials.map(({ state }) => state);

/** An oracle that behaves on every call but the `n`th. */
function except(n: number, bad: () => unknown, delay = 0): Oracle {
  let call = 0;
  return async (architecture) => {
    if (++call === n) return bad() as Metrics;
    await sleep(delay);
    return { acc: architecture.length };
  };
}

describe('an oracle that fails', () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('no disk');
      },
      /: no disk \(hint: every result so far is kept; run again to go on\)$/,
    ],
    ['rejects with a string', () => Promise.reject('late'), /: "late" \(hint/], // eslint-disable-line @typescript-eslint/prefer-promise-reject-errors
    ['rejects with nothing', () => Promise.reject(), /: undefined \(hint/], // eslint-disable-line @typescript-eslint/prefer-promise-reject-errors
  ])('%s: its trial is failed, the others are kept, the run rejects', async (_name, bad, message) => {
    let error: Error | undefined;
    await study.run({ oracle: except(3, bad), queries: 6 }).catch((e: Error) => (error = e));
    expect(error).toMatchObject({ code: 'ORACLE_FAILED' });
    expect(error!.message).toMatch(message);
    expect(error!.message).toContain(`trial 3 (${study.trials[2]!.architecture})`);
    expect(states()).toEqual(['complete', 'complete', 'failed', 'running', 'running', 'running']);
    expect(study.queries).toBe(3);
  });

  test('its error is the cause', async () => {
    const cause = new TypeError('no disk');
    const error = await errorOf('ORACLE_FAILED', () =>
      study.run({ oracle: except(1, () => Promise.reject(cause)), queries: 6 }),
    );
    expect(error.cause).toBe(cause);
    expect(study.trace()[0]).toMatchObject({ query: 1, metrics: {}, best: null, error: error.what });
  });

  test.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /expected metrics like \{ acc: 91\.6 \}/],
    ['no objective', { loss: 1 }, /expected the objective acc among the metrics/],
    ['NaN', { acc: NaN }, /metric acc: expected a finite number, given NaN/],
  ])('answers %s: INVALID_METRICS, naming trial and architecture', async (_name, answer, message) => {
    const error = await errorOf('INVALID_METRICS', () => study.run({ oracle: except(2, () => answer), queries: 6 }));
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`trial 2 (${study.trials[1]!.architecture})`);
    expect(states().slice(0, 3)).toEqual(['complete', 'failed', 'running']);
  });

  test('those in flight are awaited and told; nothing new starts', async () => {
    let calls = 0;
    const oracle: Oracle = async (architecture) => {
      const call = ++calls;
      await sleep(call === 1 ? 1 : 30);
      if (call === 1) throw new Error('first');
      return { acc: architecture.length };
    };
    await errorOf('ORACLE_FAILED', () => study.run({ oracle, queries: 6, concurrency: 3 }));
    expect(calls).toBe(3);
    expect(states()).toEqual(['failed', 'complete', 'complete', 'running', 'running', 'running']);
  });

  test('the next run queries first what was left, and never the failed one again', async () => {
    await errorOf('ORACLE_FAILED', () => study.run({ oracle: except(2, () => Promise.reject(new Error('x'))), queries: 8 })); // prettier-ignore
    const failed = study.trials[1]!.architecture;
    const seen: string[] = [];
    const result = await study.run({ oracle: (a, c) => (seen.push(a), good(a, c)), queries: 8 });
    expect(result).toMatchObject({ stopped: 'budget', queries: 8 });
    expect(seen).toEqual(study.trials.filter(({ id }) => id > 2).map(({ architecture }) => architecture));
    expect(seen).not.toContain(failed);
    expect(study.trials).toHaveLength(8);
  });
});

test('an error of onTrial stops the run after that trial is told', async () => {
  const onTrial = (): void => {
    throw new Error('mine');
  };
  await expect(study.run({ oracle: good, queries: 6, onTrial })).rejects.toThrow('mine');
  expect(study.queries).toBe(1);
  expect((await study.run({ oracle: good, queries: 6 })).queries).toBe(6);
  expect(study.trials).toHaveLength(6);
});

describe('an abort', () => {
  /** Runs until the oracle has been called `calls` times, then aborts. */
  async function abortAfter(calls: number, oracle: Oracle, concurrency = 1): Promise<number> {
    const controller = new AbortController();
    let call = 0;
    let start = 0;
    const counted: Oracle = (architecture, context) => {
      if (++call === calls) {
        setTimeout(() => {
          start = performance.now();
          controller.abort(new Error('enough'));
        }, 5);
      }
      return oracle(architecture, context);
    };
    const error = await errorOf('ABORTED', () =>
      study.run({ oracle: counted, queries: 10, concurrency, signal: controller.signal }),
    );
    expect(error.message).toBe('run was aborted');
    expect(error.cause).toMatchObject({ message: 'enough' });
    return performance.now() - start;
  }

  const untilAborted = (_a: string, { signal }: OracleContext): Promise<Metrics> =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));

  test('reaches the oracle, and its trials can be told or queried again', async () => {
    expect(await abortAfter(3, untilAborted, 3)).toBeLessThan(500);
    expect(states()).toEqual(Array(6).fill('running'));
    await study.tell(2, { acc: 5 });
    const seen: string[] = [];
    await study.run({ oracle: (a, c) => (seen.push(a), good(a, c)), queries: 10 });
    expect(study.trials).toHaveLength(10);
    expect(seen).toEqual(study.trials.filter(({ id }) => id !== 2).map(({ architecture }) => architecture));
  });

  /** An oracle that answers when told to. */
  function manual(): { oracle: Oracle; answer: (value: number) => Promise<void> } {
    let resolve: (metrics: Metrics) => void = () => {};
    return {
      oracle: () => new Promise<Metrics>((go) => (resolve = go)),
      answer: async (value) => {
        resolve({ acc: value });
        await sleep(1);
      },
    };
  }

  test('does not wait for an oracle that does not listen; a late answer is still told', async () => {
    const late = manual();
    expect(await abortAfter(1, late.oracle)).toBeLessThan(500);
    expect(study.queries).toBe(0);
    await late.answer(7);
    expect(study.trials[0]).toMatchObject({ state: 'complete', metrics: { acc: 7 } });
  });

  test('a late answer to a trial that the next run has told is dropped', async () => {
    const late = manual();
    await abortAfter(1, late.oracle);
    expect((await study.run({ oracle: good, queries: 10 })).queries).toBe(10);
    const before = study.trace();
    await late.answer(7);
    expect(study.trace()).toEqual(before);
  });

  test('a late answer to a trial that the next run is querying counts, once', async () => {
    const [late, second] = [manual(), manual()];
    await abortAfter(1, late.oracle);
    let call = 0;
    const running = study.run({ oracle: (a, c) => (++call === 1 ? second.oracle(a, c) : good(a, c)), queries: 10 });
    await late.answer(7);
    await second.answer(8);
    expect((await running).queries).toBe(10);
    expect(study.trials[0]!.metrics).toEqual({ acc: 7 });
    expect(study.trace().map(({ query }) => query)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('before the first query asks nothing', async () => {
    const start = errorOf('ABORTED', () => study.run({ oracle: good, queries: 6, signal: AbortSignal.abort() }));
    await start;
    expect(study.trials).toEqual([]);
  });

  test('a search that is stopped and goes on asks what an undisturbed one asks', async () => {
    await abortAfter(8, (a, c) => (study.trials.length > 6 ? untilAborted(a, c) : good(a, c)), 2);
    await study.run({ oracle: good, queries: 20 });
    const reference = await Study.open({ space: study.space, objectives: [{ metric: 'acc', goal: 'maximize' }], method: 'random', init: 6, batch: 4, seed: 3 }); // prettier-ignore
    await reference.run({ oracle: good, queries: 20 });
    reference.close();
    expect(study.trials.map(({ architecture }) => architecture)).toEqual(
      reference.trials.map(({ architecture }) => architecture),
    );
  });

  test('leaves no listener behind', async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => (++listeners, add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => (--listeners, remove(...args));
    await study.run({ oracle: good, queries: 30, signal });
    expect(listeners).toBe(0);
  });
});
