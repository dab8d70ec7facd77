import path from 'node:path';
import { spaces } from '../space/index.js';
import { tabularOracle, type TableOptions, type TabularOracle } from './table.js';

/** The table that ships in the package; one level above both src and dist. */
const digits201File = path.join(__dirname, '..', '..', 'data', 'digits201.csv.gz');

/** Units of its columns; the others are counts. */
export const digits201Units = {
  val_acc: '%',
  test_acc: '%',
  val_acc_std: '%',
  val_acc_1ep: '%',
  val_acc_3ep: '%',
  val_acc_6ep: '%',
  train_seconds: 's',
} as const;

/**
 * The oracle of Digits-201: val_acc and test_acc (percent, mean of three seeds), val_acc_std, val_acc_{1,3,6}ep, params,
 * flops (multiply-adds), train_seconds (processor time of one training), seeds.
 */
export function digits201Oracle(options: TableOptions = {}): Promise<TabularOracle> {
  return tabularOracle(digits201File, spaces.digits201(), options);
}
