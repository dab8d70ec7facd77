import childProcess from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OracleContext } from '../../../../src/oracle/context.js';
import type { RemoteOracle } from '../../../../src/oracle/remote/hear.js';
import { processOracle } from '../../../../src/oracle/remote/process.js';
import { contextOf } from '../../../support/context.js';
import { errorOf } from '../../../support/errors.js';

const program = path.join(__dirname, '..', '..', '..', 'programs', 'trainer.mjs');
const command = (mode: string): string => `"${process.execPath}" "${program}" ${mode}`;

const opened: RemoteOracle[] = [];
const oracleOf = (mode: string, graceMs = 300): RemoteOracle => {
  const oracle = processOracle(command(mode), { graceMs });
  opened.push(oracle);
  return oracle;
};
afterEach(async () => void (await Promise.all(opened.splice(0).map((oracle) => oracle.close()))));

/** Whether a process runs: one that has ended may wait for a parent that never asks (Z). */
const isAlive = (pid: number): boolean =>
  !/^\d+ \(.*\) Z /.test(existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '0 () Z ');

/** A context that keeps what it is told. */
function listening(given: Partial<OracleContext> = {}): {
  context: OracleContext;
  logged: () => string;
  points: [number, Record<string, number>][];
} {
  let text = '';
  const points: [number, Record<string, number>][] = [];
  const context = contextOf({
    log: (more) => (text += more),
    report: (step, metrics) => void points.push([step, metrics]),
    ...given,
  });
  return { context, logged: () => text, points };
}

describe('a program that answers', () => {
  test.each(['good', 'once', 'dies', 'chatty', 'twice', 'unknown', 'curve', 'bar'])(
    '%s: again and again',
    async (mode) => {
      const oracle = oracleOf(mode);
      for (let seed = 0; seed < 4; ++seed)
        expect(await oracle('abc', contextOf({ seed }))).toEqual({ acc: 3 + seed / 97 });
    },
  );

  test('what it reports, and what else it writes, is passed on', async () => {
    const { context, logged, points } = listening();
    await oracleOf('curve')('abc', context);
    expect(points).toEqual([[1, { loss: 1 }], [2, { loss: 1 / 2 }], [3, { loss: 1 / 3 }]]); // prettier-ignore
    const chat = listening();
    await oracleOf('chatty')('abc', chat.context);
    expect(chat.logged()).toBe('loading data...\n[1, 2, 3]\n');
    const unknown = listening();
    await oracleOf('unknown')('abc', unknown.context);
    expect(unknown.logged()).toMatch(/^not for request 1: \{"id":1001/);
    expect(logged()).toBe('epoch 3 done\n');
  });

  test('as many processes as queries in flight, which are kept, each with its number', async () => {
    const oracle = oracleOf('worker');
    const ask = (n: number): Promise<Record<string, number>[]> =>
      Promise.all(Array.from({ length: n }, () => oracle('a', contextOf())));
    const three = await ask(3);
    expect(three.map(({ acc }) => acc).sort()).toEqual([0, 1, 2]);
    const [first] = await ask(1);
    expect(first).toEqual(three[0]);
    await oracle.close();
    expect(three.map(({ pid }) => isAlive(pid!))).toEqual([false, false, false]);
    await errorOf('CLOSED', () => oracle('a', contextOf()));
  });
});

describe('a program that does not', () => {
  test.each<[string, RegExp]>([
    ['error', /^CUDA out of memory$/],
    ['crash', /^the process ended with status 3 before it answered; its last words: "ValueError: shapes"$/],
    ['quits', /^the process ended with status 0 before it answered$/],
    ['garbage', /^process: expected a line like .*, given "\{\\"id\\":.*, which is no JSON$/],
    ['nan', /JSON has no NaN and no Infinity: answer an error instead$/],
    ['huge', /^process: expected a line like .*, given "\{\\"id\\": .*1e999\}\}"$/],
    ['empty', /^process: expected a line like .*, given "\{\\"id\\":\d+\}"$/],
    ['two', /^process: expected a line like .*, given "\{.*error/],
    ['step', /^process: expected a line like .*, given "\{\\"id\\":\d+,\\"step\\":\\"last/],
    ['long', /^process: expected lines of at most 1048576 characters, given a longer one$/],
  ])('%s: ORACLE_FAILED, again and again', async (mode, message) => {
    const oracle = oracleOf(mode);
    for (let time = 0; time < 2; ++time)
      expect((await errorOf('ORACLE_FAILED', () => oracle('abc', contextOf()))).message).toMatch(message);
  });

  test('says that it cannot be trained: INFEASIBLE', async () => {
    const { message } = await errorOf('INFEASIBLE', () => oracleOf('infeasible')('abc', contextOf()));
    expect(message).toBe('more than 24 GiB');
  });

  test('does not exist: its shell says so', async () => {
    const { message } = await errorOf('ORACLE_FAILED', () => processOracle('no-such-program-x')('abc', contextOf()));
    expect(message).toMatch(/^the process ended with status 127 .*not found/);
  });

  test.each(['silent', 'deaf', 'tree'])(
    '%s: ended where the signal fires, with all that it has started',
    async (mode) => {
      const controller = new AbortController();
      const { context, points } = listening({ signal: controller.signal });
      const answer = oracleOf(mode)('abc', context).catch((error: Error) => error);
      await sleep(200);
      while (mode === 'tree' && points.length === 0) await sleep(20);
      if (mode === 'tree') expect(isAlive(points[0]![1]['pid']!)).toBe(true);
      controller.abort(new Error('enough'));
      expect(await answer).toMatchObject({ message: 'enough' });
      for (const [, { pid }] of points) expect(isAlive(pid!)).toBe(false);
    },
  );

  test('one that leaves something behind keeps its number until that has ended', async () => {
    const oracle = oracleOf('leaves');
    for (let time = 0; time < 3; ++time) expect((await oracle('a', contextOf()))['place']).toBe(0);
  });

  test('too many open files: an error like any other', async () => {
    const oracle = processOracle('true', { cwd: __dirname });
    jest.spyOn(childProcess, 'spawn').mockImplementation(() => {
      const child = new EventEmitter();
      process.nextTick(() => child.emit('error', new Error('spawn /bin/sh EMFILE')));
      return Object.assign(child, { ref: () => {}, unref: () => {} }) as childProcess.ChildProcess;
    });
    for (let time = 0; time < 2; ++time) {
      const { message } = await errorOf('ORACLE_FAILED', () => oracle('a', contextOf()));
      expect(message).toBe('process: spawn /bin/sh EMFILE');
    }
    jest.restoreAllMocks();
    await oracle.close();
  });

  test('what a process leaves behind ends with it', async () => {
    const oracle = oracleOf('leaves');
    const { pid } = await oracle('abc', contextOf());
    await oracle.close();
    expect(isAlive(pid!)).toBe(false);
  });
});

test.each<[unknown, object, RegExp]>([
  ['', {}, /^command: expected a command/],
  [7, {}, /^command: expected a command/],
  ['true', { cwd: '/no/such/folder' }, /^options\.cwd: expected a folder/],
  ['true', { graceMs: -1 }, /^options\.graceMs/],
  ['true', { shell: 'bash' }, /^options\.shell: .*unknown option/],
])('%p, %p is refused', async (line, options, message) => {
  const error = await errorOf('INVALID_ARGUMENT', async () => processOracle(line as string, options));
  expect(error.message).toMatch(message);
});
