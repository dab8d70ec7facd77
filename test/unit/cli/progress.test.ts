import { PassThrough } from 'node:stream';
import { progressView } from '../../../src/cli/progress.js';
import type { Progress } from '../../../src/study/types.js';

const objective = { metric: 'acc', goal: 'maximize' } as const;
const at = (queries: number): Progress => ({
  phase: 'fit',
  fraction: 0.5,
  queries,
  budget: 10,
  best: { id: 1, architecture: 'x', state: 'complete', metrics: { acc: 91.25 }, round: 0 },
  warnings: [],
});

function screen(isTTY: boolean): { stream: NodeJS.WriteStream; text: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 120, cursorTo() {}, clearLine() {} });
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    text: () => (stream.read() as Buffer | null)?.toString() ?? '',
  };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('no terminal: a plain line at most every two seconds', () => {
  const { stream, text } = screen(false);
  const view = progressView(stream, objective, false);
  for (let i = 0; i <= 60; ++i) {
    view.update(at(Math.min(10, Math.floor(i / 5))));
    jest.advanceTimersByTime(100);
  }
  view.stop();
  const lines = text().trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^4\/10 queries, best acc 91\.2500, fit, \d+ s left$/);
});

test('no terminal, a short search: silence', () => {
  const { stream, text } = screen(false);
  const view = progressView(stream, objective, false);
  for (let i = 0; i < 10; ++i) view.update(at(i));
  view.stop();
  expect(text()).toBe('');
});

test('quiet: silence everywhere', () => {
  for (const isTTY of [true, false]) {
    const { stream, text } = screen(isTTY);
    const view = progressView(stream, objective, true);
    view.update(at(1));
    jest.advanceTimersByTime(10_000);
    view.update(at(9));
    view.stop();
    expect(text()).toBe('');
  }
});

test('a terminal: a bar with count, best and phase; stopping without an update is harmless', () => {
  const { stream, text } = screen(true);
  progressView(stream, objective, false).stop();
  expect(text()).toBe('');
  const view = progressView(stream, objective, false);
  view.update(at(4));
  view.stop();
  expect(text()).toMatch(/4\/10 queries \| acc 91\.2500 \| fit \| .* left/);
});
