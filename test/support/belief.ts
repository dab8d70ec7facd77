import { native, type Assessment, type NativeBelief, type NativePool } from '../../src/native.js';
import type { SpaceProgram } from '../../src/space/types.js';
import { fourGenes, fourTargets } from './native.js';
import { tinySpace } from './spaces.js';

/** A belief about the tiny space that has learnt four architectures. */
export async function fittedBelief(): Promise<NativeBelief> {
  const belief = newBelief();
  await belief.fit(fourGenes(), fourTargets(), false);
  return belief;
}

export function newBelief(program: SpaceProgram = tinySpace().program, reference = fourGenes()): NativeBelief {
  return new (native().Belief)(program, reference);
}

/** All eight architectures of the tiny space. */
export function fullPool(): NativePool {
  const pool = new (native().Pool)(tinySpace().program);
  pool.addUniform(8, 1, 1);
  return pool;
}

/** An assessment by the process alone, but for `changes`. */
export function assess(belief: NativeBelief, changes: Partial<Assessment> = {}): Assessment {
  return { belief, share: 0, rule: 'ucb', beta: 1, best: 0, ...changes };
}
