/** Studies in files, of a task whose answers are known. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Study } from '../../src/study/study.js';
import type { Metrics, StudyOptions } from '../../src/study/types.js';
import { edgeCellSpace } from './spaces.js';

export const space = edgeCellSpace({ id: 'cell', cellNodes: 4, operations: ['a', 'b', 'c', 'd'] });
const favourites = [2, 0, 1, 2, 1, 0];
export const measured = (architecture: string): Metrics => {
  const genes = [...space.parse(architecture)];
  const acc = favourites.reduce((sum, favourite, i) => sum + (genes[i] === favourite ? 1 + i / 7 : 0), 0);
  return { acc, size: genes.reduce((sum, gene) => sum + gene, 0) };
};
export const objectives: StudyOptions['objectives'] = [{ metric: 'acc', goal: 'maximize' }];
export const options: StudyOptions = { space, objectives, seed: 3, threads: 1, init: 6 };

/** Names files in a folder that each test of the calling file has to itself. */
export function filesOfEachTest(): (name?: string) => string {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'optiproxy-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  return (name = 'study.db') => path.join(folder, name);
}

/** Everything that a user sees of a study, but for times. */
export const seen = (study: Study): unknown => ({
  trials: study.trials,
  trace: study.trace(),
  rounds: study.rounds,
  warnings: study.warnings,
  best: study.best,
  front: study.front,
  queries: study.queries,
  spent: study.spent,
});
