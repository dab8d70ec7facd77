import { OptiProxyError } from '../errors.js';
import { predictLatency, readLatencyModel, type LatencyModel, type Prediction } from '../latency/predict.js';
import { readArchitectures } from '../oracle/architectures.js';
import { csvLine } from '../oracle/import/csv-text.js';
import { textsOf } from '../space/explore.js';
import { spaceByName } from '../space/index.js';
import type { SearchSpace } from '../space/types.js';
import { interruptible } from './interrupt.js';
import { tableOptions } from './oracle.js';
import { stdout } from './output.js';
import { required } from './settings.js';

export interface PredictFlags {
  space?: string;
  table?: string;
  key?: string;
  json?: boolean;
}

/** Runs `optiproxy latency predict`; resolves to the exit status. */
export async function predict(file: string, given: readonly string[], flags: PredictFlags): Promise<number> {
  const name = required(flags.space, '--space', 'the space that the model was fitted to');
  const model = await readLatencyModel(file);
  const space = spaceByName(name, '--space', { isomorphism: model.card.isomorphism });
  const architectures = await architecturesOf(given, flags, space);
  return interruptible(async (signal) => {
    const predictions = await predictLatency(model, space, architectures, { signal });
    stdout(flags.json === true ? `${JSON.stringify(asObject(model, predictions))}\n` : asCsv(model, predictions));
    return 0;
  });
}

async function architecturesOf(
  given: readonly string[],
  flags: PredictFlags,
  space: SearchSpace,
): Promise<readonly string[]> {
  if (given.length > 0 === (flags.table !== undefined)) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'architectures',
      expected: 'some of them, or --table FILE',
      given: given.length > 0 ? 'both' : 'none',
    });
  }
  if (flags.table === undefined) {
    if (flags.key === undefined) return given;
    throw new OptiProxyError('INVALID_ARGUMENT', { what: '--key', expected: 'a --table', given: 'none' });
  }
  return textsOf(space, await readArchitectures(flags.table, space, tableOptions(flags)));
}

function asObject({ card: { metric, unit } }: LatencyModel, predictions: readonly Prediction[]): object {
  return { schema: 1, metric, unit, predictions };
}

function asCsv({ card: { metric } }: LatencyModel, predictions: readonly Prediction[]): string {
  const lines = predictions.map(({ architecture, value, interval }) =>
    csvLine([architecture, ...[value, ...interval].map((v) => Number(v.toPrecision(7)))]),
  );
  return [csvLine(['architecture', metric, 'low', 'high']), ...lines].join('');
}
