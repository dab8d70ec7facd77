/** @jest-environment <rootDir>/test/support/package-environment.js */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { measureWith } from '../../../src/latency/measure/measure.js';
import type { MeasureOptions, MeasureProgress } from '../../../src/latency/measure/options.js';
import type { Chunk, Died, Outcome, Stopwatch } from '../../../src/latency/measure/timing.js';
import { tabularOracle } from '../../../src/oracle/table.js';
import { spaces } from '../../../src/space/index.js';
import { errorOf } from '../../support/errors.js';
import { scratchFolder } from '../../support/files.js';
import { edgeCellSpace } from '../../support/spaces.js';

jest.mock('../../../src/packages.js', () => {
  const { nodePackages } = jest.requireActual<typeof import('../../support/packages.js')>('../../support/packages.js');
  return nodePackages;
});

const folder = scratchFolder();
const space = spaces.digits201();
const fresh = (name: string): string => path.join(folder.path, name);

/** A stopwatch that knows models by the architecture in them, and is told what to answer. */
class Fake implements Stopwatch {
  readonly runtime = 'fake 1';
  readonly chunks: string[][] = [];
  constructor(
    private readonly answer: (architecture: string, visit: number) => Outcome = (text) => visitOf(text.length),
    private readonly fate: (architectures: readonly string[], calls: number) => Died | undefined = () => undefined,
  ) {}

  async time({ models }: Chunk): Promise<readonly Outcome[] | Died> {
    const texts = models.map((model) => /\|[\w~|+]+\|/.exec(Buffer.from(model).toString('latin1'))![0]);
    this.chunks.push(texts);
    const died = this.fate(texts, this.chunks.length);
    if (died !== undefined) return died;
    return texts.map((text) => this.answer(text, this.visits(text)));
  }

  /** Of an architecture, with the one that is being made. */
  visits(text: string): number {
    return this.chunks.flat().filter((other) => other === text).length;
  }
}

const visitOf = (ms: number, runs = 10): Outcome => ({ eighths: Array.from({ length: 8 }, () => ms), runs });

test('rounds: each network once, in another order; the median of the faster half of the visits', async () => {
  const fake = new Fake((text, visit) => visitOf(visit === 5 ? 1000 : text.length + visit, visit));
  const { rows, settings } = await measureWith(fake, { space, count: 60, budgetMs: 125, seed: 2 });
  expect(settings).toMatchObject({ space: 'digits201', channels: 8, threads: 1, budgetMs: 125, runtime: 'fake 1' });
  expect(fake.chunks.map(({ length }) => length)).toEqual([25, 25, 10, 25, 25, 10, 25, 25, 10, 25, 25, 10, 25, 25, 10]);
  const rounds = Array.from({ length: 5 }, (_, i) => fake.chunks.slice(3 * i, 3 * i + 3).flat());
  for (const round of rounds) expect([...round].sort()).toEqual([...rounds[0]!].sort());
  expect(new Set(rounds.map((round) => round.join())).size).toBe(5);
  expect(rows).toHaveLength(60);
  for (const { architecture, ...row } of rows)
    expect(row).toEqual({ latencyMs: architecture.length + 2, spreadMs: 2, runs: 15 });
});

test('a sample grows with its count, and follows from the seed', async () => {
  const chosen = async (count: number, seed: number): Promise<Set<string>> => {
    const { rows } = await measureWith(new Fake(), { space, count, seed, budgetMs: 1 });
    return new Set(rows.map(({ architecture }) => architecture));
  };
  const ten = await chosen(10, 1);
  const thirty = await chosen(30, 1);
  expect([...ten].every((text) => thirty.has(text))).toBe(true);
  expect([...(await chosen(10, 2))].sort()).not.toEqual([...ten].sort());
  // Where there are fewer than usual, all: the input once to four times, or not at all.
  const small = edgeCellSpace({ id: 'small', cellNodes: 4, operations: ['none', 'skip_connect'] });
  const { rows } = await measureWith(new Fake(), { space: small, budgetMs: 1 });
  expect(rows).toHaveLength(5);
});

describe('a file', () => {
  const count = 30;
  const options = (out: string, changes: Partial<MeasureOptions> = {}): MeasureOptions => ({ space, out, count, budgetMs: 75, ...changes }); // prettier-ignore
  const lines = (file: string): string[] => readFileSync(file, 'utf8').trimEnd().split('\n');

  test('holds a row each, and the settings are beside it', async () => {
    const file = fresh('rows.csv');
    const fake = new Fake((text) => (text.startsWith('|avg') ? { failure: 'no such kernel' } : visitOf(1 / 3)));
    const { rows, failures } = await measureWith(fake, options(file));
    const failed = rows.filter(({ latencyMs }) => latencyMs === undefined).map(({ architecture }) => architecture);
    expect(failed.length).toBeGreaterThan(0);
    expect(failures).toEqual(failed.map((architecture) => ({ architecture, reason: 'no such kernel' })));
    const [header, ...written] = lines(file);
    expect(header).toBe('arch,latency_ms,spread_ms,runs');
    expect(written).toHaveLength(count);
    for (const line of written) expect(line).toMatch(line.startsWith('|avg') ? /\|,,,0$/ : /\|,0\.333333,0,30$/);
    expect(JSON.parse(readFileSync(`${file}.json`, 'utf8'))).toMatchObject({
      schema: 1,
      kind: 'latency',
      settings: { space: 'digits201', resolution: 8, machine: `${process.platform} ${process.arch}` },
      table: { name: 'rows.csv' },
      failures,
    });
    expect(existsSync(`${file}.visits`)).toBe(false);
    const table = await tabularOracle(file, space, { metrics: ['latency_ms'], missing: 'skip' });
    expect([table.rows, table.skipped]).toEqual([count - failed.length, failed.length]);
  });

  test('that was interrupted goes on, visit by visit', async () => {
    const file = fresh('resumed.csv');
    const stop = new AbortController();
    const first = new Fake(undefined, (_, calls) => (calls === 5 ? (stop.abort(), undefined) : undefined));
    const error = await errorOf('ABORTED', () => measureWith(first, options(file, { signal: stop.signal })));
    expect(error.message).toBe('measureLatency was aborted');
    // 25 and 5 a round of three; what the fifth call answered is kept.
    expect(first.chunks.map(({ length }) => length)).toEqual([25, 5, 25, 5, 25]);
    expect(lines(file)).toHaveLength(1 + 25);
    // As a process leaves it that dies while it writes.
    appendFileSync(file, '|none~0|+|no');
    appendFileSync(`${file}.visits`, '["|none~0|');
    const told: MeasureProgress[] = [];
    const second = new Fake();
    const { rows } = await measureWith(second, options(file, { onProgress: (p) => told.push(p) }));
    expect(second.chunks.map(({ length }) => length)).toEqual([5]);
    expect(told).toEqual([{ done: 85, total: 90, resumed: 85 }, { done: 90, total: 90, resumed: 85 }]); // prettier-ignore
    expect(new Set(rows.map(({ architecture }) => architecture)).size).toBe(count);
    expect(lines(file)).toHaveLength(1 + count);
    // Nothing is left: the same rows, and nothing is run.
    const third = new Fake();
    expect((await measureWith(third, options(file))).rows).toEqual(rows);
    expect(third.chunks).toEqual([]);
    // A larger count goes on from them too.
    const fourth = new Fake();
    expect((await measureWith(fourth, options(file, { count: 40 }))).rows).toHaveLength(40);
    expect(fourth.chunks.map(({ length }) => length)).toEqual([10, 10, 10]);
  });

  test('that others go on from is kept for them', async () => {
    const file = fresh('shared.csv');
    const stop = new AbortController();
    const first = new Fake(undefined, (_, calls) => (calls === 2 ? (stop.abort(), undefined) : undefined));
    await errorOf('ABORTED', () => measureWith(first, options(file, { signal: stop.signal })));
    await measureWith(new Fake(), { space, out: file, architectures: [space.example], budgetMs: 75 });
    const last = new Fake();
    await measureWith(last, options(file));
    expect(last.chunks.map(({ length }) => length)).toEqual([25, 5, 25, 5]);
  });

  test.each<[string, Partial<MeasureOptions>, RegExp]>([
    ['channels', { channels: 16 }, /^channels of .*clash\.csv: expected 8, as it was measured with, given 16 \(hint/],
    ['threads', { threads: 2 }, /^threads of .*: expected 1, as it was measured with, given 2/],
    ['seed', { seed: 7 }, /^seed of .*: expected 0, as it was measured with, given 7/],
    ['space', { space: spaces.nasbench201() }, /^space of .*: expected digits201, .*given "nasbench201"/],
  ])('of another %s is refused', async (_name, changes, message) => {
    const file = fresh('clash.csv');
    await measureWith(new Fake(), options(file));
    const before = readFileSync(file, 'utf8');
    const fake = new Fake();
    const error = await errorOf('INVALID_ARGUMENT', () => measureWith(fake, options(file, changes)));
    expect(error.message).toMatch(message);
    expect([fake.chunks, readFileSync(file, 'utf8')]).toEqual([[], before]);
  });

  test('that is something else is left alone', async () => {
    const file = folder.write('other.csv', 'arch,acc\nx,1\n');
    const settings = await errorOf('INVALID_ARGUMENT', () => measureWith(new Fake(), options(file)));
    expect(settings.message).toMatch(/other\.csv\.json: expected the settings that .*other\.csv was measured with, given "no file"/); // prettier-ignore
    await measureWith(new Fake(), options(fresh('good.csv')));
    folder.write('other.csv.json', readFileSync(fresh('good.csv.json')));
    const header = await errorOf('INVALID_ARGUMENT', () => measureWith(new Fake(), options(file)));
    expect(header.message).toMatch(/other\.csv line 1: expected the header arch,latency_ms,spread_ms,runs, given "arch,acc"/); // prettier-ignore
    expect(readFileSync(file, 'utf8')).toBe('arch,acc\nx,1\n');
  });
});

test('a process that dies: which network it was is found out, the others are measured', async () => {
  const fake = new Fake(undefined, (texts) =>
    texts.some((text) => text.startsWith('|avg')) ? { died: 'SIGSEGV' } : undefined,
  );
  const { rows, failures } = await measureWith(fake, { space, count: 20, budgetMs: 25 });
  expect(rows).toHaveLength(20);
  expect(failures.length).toBeGreaterThan(0);
  for (const { architecture, latencyMs } of rows) expect(latencyMs === undefined).toBe(architecture.startsWith('|avg'));
  for (const { reason } of failures) expect(reason).toBe('the process that ran it ended twice (SIGSEGV)');
});

test('one that died once, of something else, is measured', async () => {
  let dead = 0;
  const fake = new Fake(undefined, (texts) => (texts.length === 1 && ++dead === 1 ? { died: 'SIGKILL' } : undefined));
  const { rows, failures } = await measureWith(fake, { space, architectures: [space.example], budgetMs: 1 });
  expect([dead > 1, rows.length, rows[0]!.latencyMs === undefined, failures]).toEqual([true, 1, false, []]);
});

test('a file of something else is refused as it is, whole lines or not', async () => {
  const file = folder.write('mine.csv', 'only one line of mine');
  await errorOf('INVALID_ARGUMENT', () => measureWith(new Fake(), { space, count: 2, budgetMs: 1, out: file }));
  expect(readFileSync(file, 'utf8')).toBe('only one line of mine');
});

test('named architectures: each once, as the space writes them', async () => {
  const architectures = [space.example, space.example, '|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|'];
  const { rows } = await measureWith(new Fake(), { space, architectures, budgetMs: 1 });
  expect(rows.map(({ architecture }) => architecture).sort()).toEqual([...new Set(architectures)].sort());
});

describe('options', () => {
  test.each<[string, object, RegExp]>([
    ['a misspelt one', { budget: 3 }, /^options\.budget: expected one of space, out, .*, given "an unknown option"$/],
    ['no space', { space: 'digits201' }, /^options\.space: expected a search space, given "digits201"/],
    ['another cell', { space: spaces.nasbench101() }, /^space: expected one cell of 4 vertices/],
    ['a count beyond the space', { count: 5000 }, /^options\.count: expected a whole number from 1 to 4930, given 5000 \(hint: so many of digits201/], // prettier-ignore
    ['a count beside a list', { count: 1, architectures: [space.example] }, /^options\.count: expected either that or architectures, given 1$/], // prettier-ignore
    [
      'an empty list',
      { architectures: [] },
      /^options\.architectures: expected a list of some architectures, given \[\]$/,
    ],
    ['a run that no memory holds', { batch: 1024, resolution: 1024 }, /^options\.batch and options\.resolution: expected at most 67108864 pixels in a run, given 1073741824/], // prettier-ignore
    ['an odd resolution', { resolution: 7 }, /^resolution: expected a multiple of 2/],
    ['no channels', { channels: 0 }, /^options\.channels: expected a whole number from 1 to 4096, given 0$/],
    ['half a thread', { threads: 0.5 }, /^options\.threads: expected a whole number from 1 to 256, given 0\.5$/],
    ['a file that is no CSV', { out: 'latency.json' }, /^options\.out: expected a name that ends in \.csv, given/],
    ['a signal that is none', { signal: {} }, /^options\.signal: expected an AbortSignal, given \{\}$/],
  ])('%s', async (_name, changes, message) => {
    const fake = new Fake();
    const { message: said } = await errorOf('INVALID_ARGUMENT', () => measureWith(fake, { space, ...changes }));
    expect(said).toMatch(message);
    expect(fake.chunks).toEqual([]);
  });

  test('an architecture of another space', async () => {
    await errorOf('INVALID_ARCHITECTURE', () => measureWith(new Fake(), { space, architectures: ['x'] }));
  });
});
