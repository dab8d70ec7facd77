import path from 'node:path';
import { writeTextFile } from '../report/result.js';
import type { Comparison } from './comparison.js';
import { markdownReport } from './markdown.js';

/** Writes the reports of a comparison into a folder, each file whole or not at all. */
export async function writeReport(folder: string, comparison: Comparison): Promise<void> {
  await writeTextFile(path.join(folder, 'compare.md'), markdownReport(comparison));
  await writeTextFile(path.join(folder, 'compare.json'), `${JSON.stringify(comparison)}\n`);
}
