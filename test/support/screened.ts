import { Study } from '../../src/study/study.js';
import type { StudyOptions, Trial } from '../../src/study/types.js';
import { edgeCellSpace } from './spaces.js';

/** 729 architectures, of which the short training sees half of the edges only. */
export const screenedSpace = edgeCellSpace({ id: 'small', cellNodes: 4, operations: ['a', 'b', 'c'] });
export const early = { epochs: 5, fullEpochs: 100, metric: 'early' };

export const openScreened = (options: Partial<StudyOptions> = {}): Promise<Study> =>
  Study.open({
    space: screenedSpace,
    objectives: [{ metric: 'acc', goal: 'maximize' }],
    seed: 3,
    threads: 1,
    fidelity: early,
    ...options,
  });

/** What the edges from one on are worth in all. */
export const worth = (architecture: string, from: number): number =>
  screenedSpace
    .parse(architecture)
    .reduce((sum, value, edge) => sum + (edge >= from ? [0.3, 1, 0.1][value]! * (edge + 1) : 0), 0);

export const measure = (architecture: string): { acc: number; early: number } => ({
  acc: worth(architecture, 0),
  early: worth(architecture, 3),
});

/** Whether a trial is a query, not a screening. */
export const isFull = ({ fidelity }: Trial): boolean => fidelity === undefined;
