import type { SearchResult } from '../../src/report/result.js';
import { cli, searchJson } from '../support/cli.js';

const digits = ['--space', 'digits201'];

/** What two runs must agree on to the last bit: everything but times and memory. */
function searched({ best, trace }: SearchResult): Pick<SearchResult, 'best' | 'trace'> {
  return { best, trace };
}

async function isas(): Promise<string[]> {
  const { stdout } = await cli(['doctor', '--json']);
  return (JSON.parse(stdout) as { addon: { isas: string[] } }).addon.isas;
}

test.each([
  ['default', '35', '1'],
  ['paper', '20', '5'],
])(
  'preset %s: the same seed gives the same bits, in another process, with more threads and more in flight',
  async (preset, queries, batch) => {
    const args = [...digits, '--preset', preset, '--queries', queries, '--batch', batch, '--seed', '5'];
    const first = searched(await searchJson([...args, '--threads', '1']));
    expect(first.trace.filter(({ predicted }) => predicted !== null).length).toBeGreaterThan(5);
    expect(searched(await searchJson([...args, '--threads', '1']))).toEqual(first);
    expect(searched(await searchJson([...args, '--threads', '2']))).toEqual(first);
    expect(searched(await searchJson([...args, '--threads', '5', '--concurrency', '3']))).toEqual(first);
  },
  120_000,
);

test('each instruction set agrees with itself at any thread count', async () => {
  const found = await isas();
  expect(found).toContain('baseline');
  const args = [...digits, '--queries', '30', '--seed', '3'];
  for (const isa of found) {
    const env = { OPTIPROXY_ISA: isa };
    const first = await searchJson([...args, '--threads', '1'], { env });
    expect(first.isa).toBe(isa);
    expect(searched(await searchJson([...args, '--threads', '2'], { env }))).toEqual(searched(first));
  }
}, 120_000);

test('the first samples are the same on every instruction set', async () => {
  const traces = [];
  for (const isa of await isas()) {
    const { trace } = await searchJson([...digits, '--queries', '12', '--init', '12'], { env: { OPTIPROXY_ISA: isa } });
    traces.push(trace);
  }
  for (const trace of traces) expect(trace).toEqual(traces[0]);
});

test('different seeds, presets and methods search differently', async () => {
  const asked = async (...args: string[]): Promise<string> =>
    JSON.stringify((await searchJson([...digits, '--queries', '30', ...args])).trace.map((t) => t.architecture));
  const all = [
    await asked('--seed', '1'),
    await asked('--seed', '2'),
    await asked('--seed', '9007199254740991'),
    await asked('--seed', '1', '--preset', 'paper'),
    await asked('--seed', '1', '--method', 'random'),
  ];
  expect(new Set(all).size).toBe(all.length);
});

test('the seed is 0 unless given', async () => {
  const args = [...digits, '--queries', '25'];
  const unseeded = await searchJson(args);
  expect(unseeded.seed).toBe(0);
  expect(searched(unseeded)).toEqual(searched(await searchJson([...args, '--seed', '0'])));
});

test('a longer budget begins like a shorter one', async () => {
  // Rounds are cut at the budget, so only whole rounds of the shorter search are the same.
  const args = [...digits, '--seed', '4', '--init', '10', '--batch', '5'];
  const short = await searchJson([...args, '--queries', '25']);
  const long = await searchJson([...args, '--queries', '40']);
  expect(long.trace.slice(0, 25)).toEqual(short.trace);
});
