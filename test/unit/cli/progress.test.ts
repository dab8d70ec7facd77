import { PassThrough } from 'node:stream';
import { progressView } from '../../../src/cli/progress.js';
import type { Progress } from '../../../src/study/types.js';

const objective = { metric: 'acc', goal: 'maximize' } as const;
const at = (queries: number): Progress => ({
  phase: 'fit',
  fraction: 0.5,
  queries,
  screened: 0,
  spent: queries,
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

const warning = { code: 'PROXY_GAP', message: 'it predicts nothing', hint: 'look at the oracle', round: 7 } as const;
const recent = { answers: 20, tau: 0.256, coverage: 0.5, bias: 1 };

test('no terminal: the proxy’s tau, where it is known', () => {
  const { stream, text } = screen(false);
  const view = progressView(stream, objective, false);
  for (const quality of [{}, { recent: { ...recent, tau: null } }, { recent }]) {
    jest.advanceTimersByTime(2100);
    view.update({ ...at(4), ...quality });
  }
  const lines = text().trimEnd().split('\n');
  expect(lines.map((line) => line.replace(/\d+ s left/, ''))).toEqual([
    '4/10 queries, best acc 91.2500, fit, ',
    '4/10 queries, best acc 91.2500, fit, ',
    '4/10 queries, best acc 91.2500, tau 0.26, fit, ',
  ]);
});

test('a warning is one line, at once and once', () => {
  const line = 'optiproxy: warning PROXY_GAP: it predicts nothing (hint: look at the oracle)\n';
  for (const isTTY of [false, true]) {
    const { stream, text } = screen(isTTY);
    const view = progressView(stream, objective, false);
    view.update(at(1));
    const warnings = [warning];
    for (let i = 0; i < 3; ++i) view.update({ ...at(2), recent, warnings });
    const other = { ...warning, code: 'MODE_COLLAPSE' } as const;
    view.update({ ...at(3), recent, warnings: [...warnings, other] });
    view.stop();
    const shown = text();
    expect(shown.split(line)).toHaveLength(2);
    expect(shown.split('warning')).toHaveLength(3);
    expect(shown).toMatch(/PROXY_GAP[^]*MODE_COLLAPSE/);
  }
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
    view.update({ ...at(9), warnings: [warning] });
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
