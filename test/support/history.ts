import { History } from '../../src/baselines/history.js';
import type { SearchSpace } from '../../src/space/types.js';

export interface Answer {
  genes: Uint8Array;
  value: number;
}

/** A history in which everything is answered and seen. */
export function historyOf(space: SearchSpace, answers: readonly Answer[]): History {
  const history = new History(space);
  for (const { genes, value } of answers) history.tell(history.add(genes), value);
  history.advance();
  return history;
}
