import { drawArchitecture } from '../../../src/report/drawing.js';
import { searchResult } from '../../../src/report/result.js';
import { summarise } from '../../../src/report/summary.js';
import { spaces } from '../../../src/space/index.js';
import { cells, reported, round } from '../../support/reported.js';

const space = spaces.digits201();
const text = summarise(space, searchResult(reported, 'budget'));

test('names the search, the winner, its metrics and the query that found it', () => {
  expect(text).toMatch(/^digits201: optiproxy \(default\), seed 4, 3 queries\n/);
  expect(text).toContain('found at query 2');
  expect(text).toContain(cells[1]);
  expect(text).toMatch(/val_acc\s+95\.5000\n\s+params\s+1200\n/);
  for (const line of drawArchitecture(space, space.parse(cells[1]))) expect(text).toContain(line);
  expect(text).not.toMatch(/undefined|NaN|null/);
});

test('says units behind values, behind limits and in the head of a front', () => {
  const units = { val_acc: '%', latency: 'ms' };
  const constraints = [{ metric: 'latency', max: 5 }];
  const result = searchResult({ ...reported, units, constraints }, 'budget');
  const facts = { metric: 'val_acc', rank: 2, rows: 90, randomMean: 93.25, randomSeeds: 100 };
  const said = summarise(space, result, facts);
  expect(said).toContain('Constraints: latency<=5 ms\n');
  expect(said).toMatch(/val_acc\s+95\.5000 %\n\s+params\s+1200\n/);
  expect(said).toContain('93.2500 % (mean of 100 seeds), this search: 95.5000 %');
  const objectives = [
    { metric: 'val_acc', goal: 'maximize' },
    { metric: 'params', goal: 'minimize' },
  ] as const;
  const both = searchResult({ ...reported, units, objectives, front: [reported.best!] }, 'budget');
  expect(summarise(space, both)).toMatch(/val_acc \(%\) {2}params {2}architecture\n\s+95\.5000 {4}1200 /);
});

test('splits the time into parts with a bar as long as the share', () => {
  const bar = (name: string): { length: number; share: string } => {
    const found = new RegExp(`${name}\\s+(█*)·*\\s+[\\d.]+ s\\s+(\\d+) %`).exec(text);
    return { length: found![1]!.length, share: found![2]! };
  };
  expect(bar('fit')).toEqual({ length: 15, share: '50' });
  expect(bar('climb')).toEqual({ length: 8, share: '25' });
  expect(bar('oracle')).toEqual({ length: 2, share: '5' });
  expect(bar('other')).toEqual({ length: 3, share: '10' });
  expect(text).toMatch(/total\s+1\.00 s/);
});

test('says how well the proxy predicted', () => {
  expect(text).toContain("Proxy\n    Kendall's tau - over 1 predictions, - over the last 1, 100 % inside the 90 % interval, mean error -0.2500\n"); // prettier-ignore
  const held = { answers: 90, tau: 0.256, coverage: null, bias: null };
  const rounds = [{ ...round, overall: held, recent: { ...held, answers: 20, tau: -0.5 } }];
  expect(summarise(space, searchResult({ ...reported, rounds }, 'budget'))).toContain(
    "Proxy\n    Kendall's tau 0.26 over 90 predictions, -0.50 over the last 20\n",
  );
  const early = [{ ...round, overall: { ...held, answers: 0 } }];
  for (const none of [[], early])
    expect(summarise(space, searchResult({ ...reported, rounds: none }, 'budget'))).not.toContain('Proxy');
});

test('says what went wrong', () => {
  const warnings = [
    { code: 'PROXY_GAP', message: 'it predicts nothing', hint: 'look at the oracle', round: 7 },
  ] as const;
  const line = '    PROXY_GAP after fit 7: it predicts nothing (hint: look at the oracle)\n';
  expect(summarise(space, searchResult({ ...reported, warnings }, 'budget'))).toContain(line);
  expect(summarise(space, searchResult({ ...reported, warnings, rounds: [] }, 'budget'))).toContain(`Proxy\n${line}`);
});

test('with a table: the rank, and what random search reaches', () => {
  const facts = { metric: 'val_acc', rank: 12, rows: 15_625, randomMean: 94.25, randomSeeds: 100 };
  const compared = summarise(space, searchResult(reported, 'budget'), facts);
  expect(compared).toContain('rank by val_acc in the whole table: 12 of 15625');
  expect(compared).toContain('random search with the same budget: 94.2500 (mean of 100 seeds), this search: 95.5000');
  expect(text).not.toContain('rank by');
  const alone = summarise(space, searchResult(reported, 'budget'), { ...facts, randomMean: undefined });
  expect(alone).toContain('rank by val_acc in the whole table: 12 of 15625');
  expect(alone).not.toContain('random search');
});

test.each([
  ['exhausted', /no architecture left after 3 queries/],
  ['aborted', /stopped by you after 3 queries/],
  ['failed', /stopped by a failure after 3 queries/],
] as const)('%s is said', (stopped, message) => {
  expect(summarise(space, searchResult(reported, stopped))).toMatch(message);
});

test('nothing complete: no winner, no crash', () => {
  const nothing = { ...reported, best: undefined, queries: 0, timings: { fitMs: 0, climbMs: 0, acquireMs: 0, oracleMs: 0, totalMs: 0 } }; // prettier-ignore
  const said = summarise(space, searchResult(nothing, 'aborted'));
  expect(said).toContain('No query was completed.');
  expect(said).not.toMatch(/NaN|undefined/);
});
