import path from 'node:path';
import { writeWholeFile } from '../files.js';
import { curvesChart } from './chart/curves.js';
import { ranksChart } from './chart/ranks.js';
import type { Comparison } from './comparison.js';
import { markdownReport, type ChartFiles } from './markdown.js';
import { slug } from './text.js';

/** Writes the reports of a comparison into a folder, each file whole or not at all: charts, then what shows them. */
export async function writeReport(folder: string, comparison: Comparison): Promise<void> {
  const { tasks, methods } = comparison;
  const width = String(tasks.length).length;
  const charts: ChartFiles = {
    ranks: methods.length > 1 ? 'ranks.svg' : undefined,
    tasks: tasks.map(({ name }, i) => `task-${String(i + 1).padStart(width, '0')}-${slug(name)}.svg`),
  };
  const write = (file: string, text: string): Promise<void> => writeWholeFile(path.join(folder, file), text);
  for (const [i, task] of tasks.entries()) await write(charts.tasks[i]!, await curvesChart(task));
  if (charts.ranks !== undefined) await write(charts.ranks, await ranksChart(comparison));
  await write('compare.md', markdownReport(comparison, charts));
  await write('compare.json', `${JSON.stringify(comparison)}\n`);
}
