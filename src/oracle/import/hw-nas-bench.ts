import { kindOf, type Refuse } from './failure.js';
import { architectureAt, columnName, dictionaryAt, type ImportedTable } from './imported.js';
import { Ndarray } from './numpy.js';

/** Datasets of HW-NAS-Bench's part for NAS-Bench-201. */
export const hwDatasets = ['cifar10', 'cifar100', 'ImageNet16-120'] as const;
export type HwDataset = (typeof hwDatasets)[number];

/**
 * The part for NAS-Bench-201 of `HW-NAS-Bench-v1_0.pickle`: for a dataset a list `config` with the architectures and a list
 * of numbers for each device, in the same order.
 */
export function tableOfHwNasBench(data: unknown, dataset: HwDataset, refuse: Refuse): ImportedTable {
  const cells = dictionaryAt(refuse, 'nasbench201', dictionaryAt(refuse, '', data).get('nasbench201'));
  const where = `nasbench201.${dataset}`;
  const lists = dictionaryAt(refuse, where, cells.get(dataset));
  const config = lists.get('config');
  if (!Array.isArray(config) || config.length === 0) return refuse(`${where}.config`, 'a list', kindOf(config));
  const seen = new Set<string>();
  const rows: (string | number)[][] = config.map((entry, i) => {
    const place = `${where}.config[${i}]`;
    const architecture = architectureAt(refuse, place, dictionaryAt(refuse, place, entry).get('arch_str'));
    if (seen.has(architecture)) refuse(place, 'each architecture once', architecture);
    seen.add(architecture);
    return [architecture];
  });
  const columns = ['arch'];
  for (const [key, list] of lists) {
    if (key === 'config') continue;
    const name = columnName(refuse, dataset, key);
    const values =
      Array.isArray(list) || list instanceof Ndarray ? list : refuse(`${where}, ${name}`, 'a list', kindOf(list));
    if (values.length !== rows.length) refuse(`${where}, ${name}`, `${rows.length} values`, values.length);
    columns.push(name);
    rows.forEach((row, i) => {
      const value: unknown = values.at(i);
      row.push(typeof value === 'number' ? value : refuse(`${where}, ${name}[${i}]`, 'a number', kindOf(value)));
    });
  }
  if (columns.length === 1) refuse(where, 'a list for each device', 'none');
  return { columns, rows };
}
