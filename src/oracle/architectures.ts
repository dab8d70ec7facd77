import { OptiProxyError } from '../errors.js';
import type { SearchSpace } from '../space/types.js';
import type { Wanted } from './bytes.js';
import { ByteIndex } from './byte-index.js';
import { readLines } from './lines.js';
import { tabularOracle } from './table.js';
import type { TableOptions } from './table-loader.js';

/** Longest line of a list: more than the text of any architecture. */
const MAX_LINE = 16_384;

const wanted: Wanted = { kind: 'a list of architectures', hint: 'check the path', code: 'INVALID_TABLE' };

/**
 * Genes (n, G) of the architectures that a file holds, each once: those of a table, if its name ends like one (`.csv`,
 * `.ndjson`, `.jsonl`, `.json`, `.parquet`, `.gz` after it), else one a line.  Throws `INVALID_TABLE` naming file and line.
 */
export async function readArchitectures(
  file: string,
  space: SearchSpace,
  options: Pick<TableOptions, 'key'> = {},
): Promise<Uint8Array> {
  if (/\.(csv|ndjson|jsonl|json|parquet)(\.gz)?$/i.test(file)) {
    const table = await tabularOracle(file, space, { ...options, metrics: [], repeated: 'mean' });
    return table.architectures();
  }
  const found = new ByteIndex(space.program.genes.length);
  for await (const { first, lines } of readLines(file, wanted, MAX_LINE)) {
    lines.forEach((line, i) => {
      if (line.trim() !== '') found.add(parse(space, line.trim(), `${file} line ${first + i}`));
    });
  }
  if (found.size === 0) {
    throw new OptiProxyError('INVALID_TABLE', { what: file, expected: 'an architecture a line', given: 'none' });
  }
  return found.bytes.slice();
}

function parse(space: SearchSpace, text: string, where: string): Uint8Array {
  try {
    return space.parse(text);
  } catch (cause) {
    throw new OptiProxyError('INVALID_TABLE', { what: `${where}: ${(cause as Error).message}`, cause });
  }
}

/** How many architectures genes (n, G) are by the space's rule. */
export function distinctArchitectures(space: SearchSpace, genes: Uint8Array): number {
  const keys = space.keys(genes);
  const distinct = new ByteIndex(16);
  for (let at = 0; at < keys.length; at += 16) distinct.add(keys, at);
  return distinct.size;
}
