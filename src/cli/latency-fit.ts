import path from 'node:path';
import { OptiProxyError } from '../errors.js';
import type { QualityCard } from '../latency/card.js';
import { fitLatency, type LatencyFit } from '../latency/fit.js';
import { measurementsOf } from '../latency/measurements.js';
import type { Source } from '../latency/transfer.js';
import { writeJsonFile, writeWholeFile } from '../files.js';
import { tabularOracle } from '../oracle/table.js';
import { spaceByName } from '../space/index.js';
import type { Isomorphism, SearchSpace } from '../space/types.js';
import { interruptible } from './interrupt.js';
import { tableOptions } from './oracle.js';
import { printLine, stdout } from './output.js';
import { partView } from './progress.js';
import { checkWritable } from './search.js';
import { required } from './settings.js';

export interface FitFlags {
  space?: string;
  isomorphism?: string;
  metric?: string;
  unit?: string;
  key?: string;
  missing?: string;
  unmeasured?: number;
  repeated?: string;
  out?: string;
  card?: string;
  from?: string[];
  seed?: number;
  threads?: number;
  json?: boolean;
  quiet?: boolean;
}

/** Runs `optiproxy latency fit`; resolves to the exit status. */
export async function fit(file: string, flags: FitFlags): Promise<number> {
  const { unit, seed, threads, json = false, quiet = false, unmeasured } = flags;
  const space = spaceByName(required(flags.space, '--space', 'see `optiproxy spaces`'), '--space', {
    isomorphism: flags.isomorphism as Isomorphism | undefined,
  });
  const metric = required(flags.metric, '--metric', 'the column of the measurements');
  const out = checkOut(flags.out);
  await checkWritable(out);
  if (flags.card !== undefined) await checkWritable(flags.card, '--card');
  const table = await tabularOracle(file, space, { metrics: [metric], ...tableOptions(flags) });
  const measurements = measurementsOf(table, space, metric, unmeasured);
  const sources = await openSources(flags, space);
  return interruptible(async (signal) => {
    const progress = partView(process.stderr, quiet);
    let fitted: LatencyFit;
    try {
      const onProgress = (part: number): void => progress.update(part);
      fitted = await fitLatency({ space, measurements, metric, unit, sources, seed, threads, signal, onProgress });
    } finally {
      progress.stop();
    }
    const { bytes, card, checked } = fitted;
    await writeWholeFile(out, bytes);
    if (flags.card !== undefined) await writeJsonFile(flags.card, card);
    if (checked === undefined)
      printLine(process.stderr, `${out} was not checked against the native model (hint: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node)`); // prettier-ignore
    if (!quiet) printLine(process.stderr, `wrote ${out}${flags.card === undefined ? '' : ` and ${flags.card}`}`);
    if (json) stdout(`${JSON.stringify({ schema: 1, model: out, checked: checked ?? null, card })}\n`);
    else stdout(cardText(card, checked));
    return 0;
  });
}

/** Reads what `--from` names, `FILE:COLUMN,COLUMN`: other devices' measurements. */
async function openSources(flags: FitFlags, space: SearchSpace): Promise<Source[]> {
  const sources: Source[] = [];
  for (const text of flags.from ?? []) {
    const [, file, columns] = /^(.+):([^:]+)$/.exec(text) ?? [];
    if (file === undefined) {
      throw new OptiProxyError('INVALID_ARGUMENT', {
        what: '--from',
        expected: 'FILE:COLUMN, or several columns with commas between',
        given: text,
        hint: 'like --from latency.csv:pixel3,raspi4',
      });
    }
    for (const name of columns!.split(',')) {
      const table = await tabularOracle(file, space, { ...tableOptions(flags), metrics: [name], missing: 'skip' });
      sources.push({ name, ...measurementsOf(table, space, name, flags.unmeasured) });
    }
  }
  return sources;
}

/** A name for a model.  Throws `INVALID_ARGUMENT`. */
export function checkOut(out: string | undefined, flag = '--out'): string {
  const name = required(out, flag, 'a file for the model, like latency.onnx');
  if (path.extname(name) === '.onnx') return name;
  throw new OptiProxyError('INVALID_ARGUMENT', {
    what: flag,
    expected: 'a name that ends in .onnx',
    given: name,
    hint: 'like latency.onnx',
  });
}

/** A card for people. */
function cardText(card: QualityCard, checked: number | undefined): string {
  const { validation, spread, interval, unit, model } = card;
  const number = (value: number): string => String(Number(value.toPrecision(4)));
  const percent = (value: number | null): string => (value === null ? '-' : `${(100 * value).toFixed(1)} %`);
  const ratio = (value: number | null): string => (value === null ? '-' : value.toFixed(3));
  const beside = [
    ...(card.distinct < card.measurements ? [`${card.distinct} distinct`] : []),
    ...(card.repeated > 0 ? [`${card.repeated} repeated rows in means`] : []),
    ...(card.skipped > 0 ? [`${card.skipped} rows left out`] : []),
  ];
  const rows: [string, string][] = [
    ['metric', `${card.metric}${unit === null ? '' : ` (${unit})`} of ${card.space}`],
    ['measurements', [String(card.measurements), ...beside].join(', ')],
    [
      'spread',
      `${number(spread.min)} to ${number(spread.max)}, median ${number(spread.median)}, deviation ${number(spread.deviation)}`,
    ],
    ...(card.sources.length === 0
      ? []
      : ([['transfer', `from ${card.sources.length} other devices`]] as [string, string][])),
    ['model', `${model.members} graph networks, ${model.layers} layers of ${model.hidden}`],
    ["Kendall's tau", ratio(validation.kendall)],
    ["Spearman's rho", ratio(validation.spearman)],
    ['mean error', `${percent(validation.mape)}, median ${percent(validation.medianError)}`],
    ['within ±5 %', percent(validation.within5)],
    ['within ±10 %', percent(validation.within10)],
    [
      '90 % interval',
      `holds ${percent(validation.coverage)}${interval.relative === null ? '' : `, typically ±${percent(interval.relative)}`}`,
    ],
    ['validation', `${validation.folds} folds, each predicted from the others`],
    ['onnxruntime', checked === undefined ? 'not checked' : `agrees within ${checked.toExponential(1)}`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(16)} ${value}\n`).join('');
}
