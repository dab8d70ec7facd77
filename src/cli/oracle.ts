import { checkName, OptiProxyError } from '../errors.js';
import { readArchitectures } from '../oracle/architectures.js';
import { digits201Oracle } from '../oracle/embedded.js';
import { moduleOracle } from '../oracle/module.js';
import type { RemoteOracle } from '../oracle/remote/hear.js';
import { httpOracle } from '../oracle/remote/http.js';
import { processOracle } from '../oracle/remote/process.js';
import { tabularOracle, type TableOptions, type TabularOracle } from '../oracle/table.js';
import type { SearchSpace } from '../space/types.js';
import type { Fidelity, Oracle } from '../study/types.js';
import { required, type Settings, type TaskSettings } from './settings.js';

/** What measures architectures; `table` if it is one. */
export interface OpenedOracle {
  readonly oracle: Oracle;
  readonly table?: TabularOracle;
  /** Ends the programs that it has started. */
  readonly close?: () => Promise<void>;
}

/** `EPOCHS/FULL` or `EPOCHS/FULL:METRIC`. */
export function parseFidelity(text: string): Fidelity {
  const [, epochs, fullEpochs, metric] = /^(\d+)\/(\d+)(?::(.+))?$/.exec(text) ?? [];
  if (epochs === undefined) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: '--fidelity',
      expected: 'EPOCHS/FULL or EPOCHS/FULL:METRIC',
      given: text,
      hint: 'like 12/200:val_acc_12ep: what 12 of 200 epochs measure',
    });
  }
  return { epochs: Number(epochs), fullEpochs: Number(fullEpochs), ...(metric === undefined ? {} : { metric }) };
}

/**
 * Opens what `--oracle` names, for these metrics, the objective first, or the table that ships with Digits-201.  What a screening measures is another column of the
 * table, or of the one that `--fidelity-table` names.
 */
export async function openOracle(
  settings: TaskSettings & Pick<Settings, 'fidelity' | 'fidelity-table'>,
  embedded: boolean,
  space: SearchSpace,
  metrics: readonly string[],
  fidelity?: Fidelity,
): Promise<OpenedOracle> {
  const { 'fidelity-table': other } = settings;
  const screened = fidelity?.metric === undefined ? [] : [fidelity.metric];
  const full = await openFull(settings, embedded, space, [...metrics, ...(other === undefined ? screened : [])]);
  const own = screened.filter((metric) => metric !== metrics[0]);
  if (other === undefined && fidelity !== undefined && full.table !== undefined && own.length === 0) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: '--fidelity',
      expected: 'a column of its own that it measures, as the oracle is a table',
      given: settings.fidelity,
      hint: `like --fidelity ${fidelity.epochs}/${fidelity.fullEpochs}:METRIC`,
    });
  }
  if (other === undefined) return full;
  if (full.table === undefined || screened.length === 0) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: '--fidelity-table',
      expected: 'an oracle that is a table, and a fidelity with a metric',
      given: other,
      hint: '--fidelity 12/200:METRIC',
    });
  }
  const low = await tabularOracle(other, space, { metrics: screened, ...tableOptions(settings) });
  const { oracle } = full;
  return { ...full, oracle: (architecture, context) => (context.budget < 1 ? low : oracle)(architecture, context) };
}

async function openFull(
  settings: TaskSettings,
  embedded: boolean,
  space: SearchSpace,
  metrics: readonly string[],
): Promise<OpenedOracle> {
  const columns = { metrics: [...new Set(metrics)] };
  checkTableFlags(settings);
  if (embedded) {
    const table = await digits201Oracle(columns);
    return { oracle: table, table };
  }
  const source = required(settings.oracle, '--oracle', 'table:FILE, module:FILE, process:COMMAND or http:URL');
  if (/^process:./.test(source)) return remote(processOracle(source.slice('process:'.length)));
  if (/^https?:/.test(source)) return remote(httpOracle(source.replace(/^http:(?=https?:)/, '')));
  const file = fileOf(source, ['table', 'module'], ['process:COMMAND', 'http:URL']);
  if (file.table === undefined) return { oracle: await moduleOracle(file.module!) };
  const table = await tabularOracle(file.table, space, { ...columns, ...tableOptions(settings) });
  return { oracle: table, table };
}

const remote = (oracle: RemoteOracle): OpenedOracle => ({ oracle, close: () => oracle.close() });

/** The file that `--oracle` names, under its kind.  Throws `INVALID_ARGUMENT` for a kind that is not among those wanted. */
export function fileOf<K extends 'table' | 'module'>(
  text: string,
  kinds: readonly K[],
  others: readonly string[] = [],
): { [kind in K]?: string } {
  const kind = kinds.find((name) => text.startsWith(`${name}:`) && text.length > name.length + 1);
  if (kind !== undefined) return { [kind]: text.slice(kind.length + 1) } as { [kind in K]?: string };
  throw new OptiProxyError('INVALID_ARGUMENT', {
    what: '--oracle',
    expected: [...kinds.map((name) => `${name}:FILE`), ...others].join(' or '),
    given: text,
  });
}

/** Genes (n, G) of what `--pool` names: the only architectures that may be queried; undefined where all may. */
export async function openPool(
  { pool, key }: TaskSettings,
  space: SearchSpace,
  table: TabularOracle | undefined,
): Promise<Uint8Array | undefined> {
  if (pool === undefined) return undefined;
  if (pool !== 'table') return readArchitectures(pool, space, keyOption(key));
  if (table !== undefined) return table.architectures();
  throw new OptiProxyError('INVALID_ARGUMENT', {
    what: '--pool',
    expected: 'a file, as the oracle is no table',
    given: pool,
    hint: './table is a file of that name',
  });
}

/** Options that only a table understands must not be ignored without one. */
export function checkTableFlags({ oracle, pool, key, missing, repeated, metric }: TaskSettings): void {
  const needs = (flag: string, value: unknown, has: boolean): void => {
    if (value === undefined || has) return;
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: flag,
      expected: 'an oracle that is a table',
      given: oracle ?? 'none',
      hint: '--oracle table:FILE',
    });
  };
  const isTable = oracle?.startsWith('table:') === true;
  const others = metric !== undefined;
  needs('--key', key, isTable || others || (pool !== undefined && pool !== 'table'));
  needs('--missing', missing, isTable);
  needs('--repeated', repeated, isTable || others);
}

/** How the flags say a table is read. */
export function tableOptions({
  key,
  missing,
  repeated,
}: Pick<TaskSettings, 'key' | 'missing' | 'repeated'>): TableOptions {
  return {
    ...keyOption(key),
    ...(missing === undefined ? {} : { missing: checkName('--missing', missing, ['refuse', 'skip'] as const) }),
    ...(repeated === undefined ? {} : { repeated: checkName('--repeated', repeated, ['refuse', 'mean'] as const) }),
  };
}

/** Columns as `--key` takes them: a list, or names with commas between. */
export function keyOption(key: TaskSettings['key']): Pick<TableOptions, 'key'> {
  if (key === undefined) return {};
  return { key: typeof key === 'string' ? key.split(',').map((name) => name.trim()) : key };
}
