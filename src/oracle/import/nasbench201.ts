import { kindOf, type Refuse } from './failure.js';
import { architectureAt, columnName, dictionaryAt, type ImportedTable } from './imported.js';
import { Ndarray } from './numpy.js';

/**
 * Architecture string → dataset → metric → values of all epochs, as NASLib keeps NAS-Bench-201 (`nb201_all.pickle`).  Of a
 * learning curve the table takes the last epoch; what is a number is taken as it is.
 */
export function tableOfNasbench201(data: unknown, refuse: Refuse): ImportedTable {
  let columns: string[] | undefined;
  const rows: (string | number)[][] = [];
  for (const [key, datasets] of dictionaryAt(refuse, '', data)) {
    const where = `architecture ${rows.length + 1}`;
    const architecture = architectureAt(refuse, where, key);
    const cells = new Map<string, number>();
    for (const [dataset, metrics] of dictionaryAt(refuse, where, datasets))
      collect(refuse, where, [dataset], metrics, cells);
    columns ??= [...cells.keys()];
    const row = columns.map((name) => cells.get(name) ?? refuse(where, `a value of ${name}, as the first has`, 'none'));
    if (cells.size > columns.length) refuse(where, `${columns.length} values, as the first has`, cells.size);
    rows.push([architecture, ...row]);
  }
  if (columns === undefined || columns.length === 0) return refuse('', 'architectures with metrics', 'none');
  return { columns: ['arch', ...columns], rows };
}

/** Metrics of a dataset, and of the dictionary of costs within it. */
function collect(refuse: Refuse, where: string, path: unknown[], value: unknown, cells: Map<string, number>): void {
  for (const [key, entry] of dictionaryAt(refuse, where, value)) {
    if (key === 'cost_info') collect(refuse, where, path, entry, cells);
    else if (typeof entry !== 'string') cells.set(metricName(refuse, path, key), lastValue(refuse, where, entry));
  }
}

/** `train_losses` and `eval_acc1es` are lists; the table has one value of each. */
function metricName(refuse: Refuse, path: readonly unknown[], key: unknown): string {
  return columnName(
    refuse,
    ...path,
    typeof key === 'string' ? key.replace(/_losses$/, '_loss').replace(/_acc1es$/, '_acc') : key,
  );
}

function lastValue(refuse: Refuse, where: string, value: unknown): number {
  const last: unknown =
    value instanceof Ndarray && value.length > 0
      ? value.at(value.length - 1)
      : Array.isArray(value)
        ? value.at(-1)
        : value;
  return typeof last === 'number' ? last : refuse(where, 'a number, or a list of one an epoch', kindOf(last ?? value));
}
