/** @jest-environment ./test/support/package-environment.js */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { regretAxis } from '../../../src/compare/chart/curves.js';
import type * as packages from '../../../src/compare/chart/packages.js';
import type { Comparison } from '../../../src/compare/comparison.js';
import { markdownReport } from '../../../src/compare/markdown.js';
import { decimalsFor, slug } from '../../../src/compare/text.js';
import { writeReport } from '../../../src/compare/write.js';
import { digitsTask, entry, prepared, runHere } from '../../support/compared.js';
import { scratchFolder } from '../../support/files.js';

declare const importPackage: <T>(name: string) => Promise<T>;
// jest cannot import what exists as ES modules only.
jest.mock('../../../src/compare/chart/packages.js', (): typeof packages => ({
  loadScale: () => importPackage('d3-scale'),
  loadShape: () => importPackage('d3-shape'),
}));

const scratch = scratchFolder();
const nasty = 'a | b <c> & "d" \u0007*é*';
let comparison: Comparison;

beforeAll(async () => {
  const tasks = [await prepared(digitsTask({ name: nasty })), await prepared(digitsTask({ name: 'wide', objective: { metric: 'params', goal: 'minimize' }, target: 5000 }))]; // prettier-ignore
  ({ comparison } = await runHere({ tasks, entries: [entry('random'), entry('local-search')], seeds: [1, 2, 3] }));
});

/** Checks that a text is well-formed XML; its elements. */
function parseXml(text: string): { tag: SaxesTagPlain; text: string }[] {
  const found: { tag: SaxesTagPlain; text: string }[] = [];
  const parser = new SaxesParser();
  const open: { tag: SaxesTagPlain; text: string }[] = [];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    const element = { tag, text: '' };
    found.push(element);
    open.push(element);
  });
  parser.on('text', (content) => {
    const inner = open.at(-1);
    if (inner !== undefined) inner.text += content;
  });
  parser.on('closetag', () => void open.pop());
  parser.write(text).close();
  return found;
}

test('writes reports that hold together', async () => {
  const folder = path.join(scratch.path, 'report');
  await writeReport(folder, comparison);
  expect(readdirSync(folder).sort()).toEqual(['compare.json', 'compare.md', 'ranks.svg', 'task-1-a-b-c-d.svg', 'task-2-wide.svg']); // prettier-ignore
  expect(JSON.parse(readFileSync(path.join(folder, 'compare.json'), 'utf8'))).toEqual(comparison);
  const text = readFileSync(path.join(folder, 'compare.md'), 'utf8');
  const charts = [...text.matchAll(/!\[[^\]]*\]\(([^)]*)\)/g)].map(([, file]) => file!);
  expect(charts).toHaveLength(3);
  for (const file of charts) expect(existsSync(path.join(folder, file))).toBe(true);
});

describe('charts', () => {
  const charts = (): { file: string; xml: string }[] => {
    const folder = path.join(scratch.path, 'report');
    return readdirSync(folder).filter((file) => file.endsWith('.svg')).map((file) => ({ file, xml: readFileSync(path.join(folder, file), 'utf8') })); // prettier-ignore
  };

  test('are well-formed, say what they show, and have no number that is none', () => {
    expect(charts()).toHaveLength(3);
    for (const { xml } of charts()) {
      const elements = parseXml(xml);
      expect(elements[0]!.tag.name).toBe('svg');
      const of = (name: string): string[] => elements.filter(({ tag }) => tag.name === name).map(({ text }) => text);
      expect(of('title')).toHaveLength(1);
      expect(of('desc')[0]!.length).toBeGreaterThan(20);
      expect(of('style')[0]).toContain('prefers-color-scheme:dark');
      expect(xml).not.toMatch(/NaN|Infinity|undefined/);
      for (const label of ['random', 'local-search']) expect(of('text')).toContain(label);
    }
  });

  test('escape the names they are given', () => {
    const { xml } = charts().find(({ file }) => file.includes('task-1'))!;
    const heading = parseXml(xml).find(({ tag }) => tag.attributes['class'] === 'ink head')!;
    expect(heading.text).toBe('a | b <c> & "d" *é*');
  });

  test('draw one curve and one band a method, through as many points as queries', () => {
    for (const { xml } of charts().filter(({ file }) => file.startsWith('task'))) {
      const paths = parseXml(xml).filter(({ tag }) => tag.name === 'path');
      expect(paths).toHaveLength(4);
      const points = paths.map(({ tag }) => [...tag.attributes['d']!.matchAll(/[ML]/g)].length);
      expect(points.sort((a, b) => a - b)).toEqual([15, 15, 30, 30]);
    }
  });
});

describe('the axis of regrets', () => {
  test('goes by orders of magnitude where there are several, and has 0', async () => {
    const { scale, ticks } = await regretAxis([0, 0.001, 0.5, 20, 80], [400, 0]);
    expect(ticks).toEqual([0, 0.01, 0.1, 1, 10]);
    expect(scale(0)).toBe(400);
    expect(scale(80)).toBeCloseTo(0, 9);
    expect(scale(1) - scale(10)).toBeCloseTo(scale(0.1) - scale(1), -1);
  });

  test('is plain where there are not, and where there is no regret at all', async () => {
    const { scale, ticks } = await regretAxis([0.4, 1], [100, 0]);
    expect(scale(0.5)).toBeCloseTo(50, 9);
    expect(ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect((await regretAxis([0, 0], [100, 0])).scale(0)).toBe(100);
  });
});

describe('the Markdown', () => {
  test('says how to read it, what was not told, and what is missing', () => {
    const text = markdownReport({
      ...comparison,
      skipped: [{ name: 'absent', file: 'no.csv' }],
      failures: [{ task: 'wide', method: 'random', seed: 2, message: 'no\nmemory' }],
    });
    expect(text).toContain('nothing about the table as a whole, such as its best value, mean or deviation');
    expect(text).toContain("Holm's correction over all tests of the report");
    expect(text).toContain('- absent, skipped: no table no.csv');
    expect(text).toContain('- wide, random, seed 2, failed: no memory');
    expect(text).toContain('2 tasks, 3 seeds (1 to 3), 15 queries a run. OptiProxy ');
    expect(text).toContain('minimize params');
    expect(text).not.toMatch(/NaN|undefined|null|!\[/);
  });

  test('every row of a table has the cells of its head, whatever the names', () => {
    const tables = markdownReport(comparison).split('\n\n').filter((block) => block.startsWith('|')); // prettier-ignore
    expect(tables).toHaveLength(5);
    for (const table of tables) {
      const widths = table.split('\n').map((line) => line.split(/(?<!\\)\|/).length);
      expect(new Set(widths).size).toBe(1);
    }
  });

  test('of one method has neither ranks nor tests', async () => {
    const tasks = [await prepared(digitsTask())];
    const alone = await runHere({ tasks, entries: [entry('random')], seeds: [1] });
    const text = markdownReport(alone.comparison);
    expect(text).not.toMatch(/Over the tasks|\| against/);
    expect(text).toMatch(/^# random\n/);
  });
});

test.each([[100, 1], [7, 3], [0.04, 5], [0, 3], [1e6, 0], [1e-12, 9]])('a range of %d is shown with %d decimals', (range, decimals) => {
  expect(decimalsFor(range)).toBe(decimals);
}); // prettier-ignore

test.each([['nasbench201 val', 'nasbench201-val'], ['../../x', 'x'], ['é', 'task'], ['a/b\\c', 'a-b-c']])('%j as a file is %j', (name, file) => {
  expect(slug(name)).toBe(file);
}); // prettier-ignore
