import { OptiProxyError } from '../errors.js';
import { splitGenes } from '../baselines/candidates.js';
import { readArchitectures } from '../oracle/architectures.js';
import { tabularOracle } from '../oracle/table.js';
import { geneCount } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import { readStudy } from '../store/read.js';
import type { MeasuredElsewhere } from '../study/asker.js';
import type { Study } from '../study/study.js';
import { keyOption } from './oracle.js';
import { printLine } from './output.js';
import type { Settings } from './settings.js';

/** Gives a study what `--warm-start` has measured, and what `--retry-failed` and `--enqueue` want first; `metrics`: what an answer must have. */
export async function begin(study: Study, settings: Settings, metrics: readonly string[]): Promise<void> {
  const { space } = study;
  const say = (text: string): void => {
    if (settings.quiet !== true) printLine(process.stderr, text);
  };
  const { 'warm-start': measured, enqueue, key } = settings;
  if (measured !== undefined) {
    const taken = await study.warmStart(await measuredIn(measured, space, metrics, key));
    say(`--warm-start: took over ${taken} architectures of ${measured}`);
  }
  if (settings['retry-failed'] === true) {
    const failed = study.trials.filter(({ state }) => state === 'failed' || state === 'aborted');
    const taken = await study.enqueue(failed.map(({ architecture }) => architecture));
    say(`--retry-failed: ${taken} architectures come first`);
  }
  if (enqueue !== undefined) {
    const taken = await study.enqueue(architecturesOf(space, await readArchitectures(enqueue, space, keyOption(key))));
    say(`--enqueue: ${taken} architectures of ${enqueue} come first`);
  }
}

const architecturesOf = (space: SearchSpace, genes: Uint8Array): string[] =>
  splitGenes(genes, geneCount(space.program)).map((one) => space.format(one));

/** What a study's file, or a table, says of architectures in full. */
async function measuredIn(
  file: string,
  space: SearchSpace,
  metrics: readonly string[],
  key: Settings['key'],
): Promise<MeasuredElsewhere[]> {
  if (/\.(db|sqlite3?)$/.test(file)) {
    const { definition, trials } = readStudy(file);
    if (definition['space'] !== space.id) {
      throw new OptiProxyError('INVALID_ARGUMENT', { what: `--warm-start ${file}`, expected: `a study of the space ${space.id}`, given: definition['space'] }); // prettier-ignore
    }
    return trials.filter(({ state, screening }) => state === 'complete' && !screening);
  }
  const table = await tabularOracle(file, space, { ...keyOption(key), metrics, missing: 'skip', repeated: 'mean' });
  const architectures = architecturesOf(space, table.architectures());
  return Promise.all(architectures.map(async (architecture) => ({ architecture, metrics: await table(architecture) })));
}
