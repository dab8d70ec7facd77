import { OptiProxyError } from '../errors.js';
import { coreOf } from '../space/explore.js';
import { geneCount } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';

/** Throws `INVALID_ARCHITECTURE` naming the first of genes (n, G) that breaks a constraint of the space. */
export function checkValid(space: SearchSpace, genes: Uint8Array): void {
  const core = coreOf(space);
  const codes = core.check(genes);
  const at = codes.findIndex((code) => code !== 0);
  if (at < 0) return;
  const width = geneCount(space.program);
  throw new OptiProxyError('INVALID_ARCHITECTURE', {
    what: space.format(genes.slice(at * width, (at + 1) * width)),
    expected: `an architecture that keeps the constraints of ${space.id}`,
    given: core.reasons[codes[at]!],
  });
}
