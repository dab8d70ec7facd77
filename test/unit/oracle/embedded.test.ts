import { existsSync } from 'node:fs';
import path from 'node:path';
import { digits201Oracle } from '../../../src/oracle/embedded.js';
import { tabularOracle, type TabularOracle } from '../../../src/oracle/table.js';
import { spaces } from '../../../src/space/index.js';
import { allGenes } from '../../support/spaces.js';

describe('digits201, the table in the package', () => {
  let table: TabularOracle;
  beforeAll(async () => {
    table = await digits201Oracle();
  });

  test('covers the whole space', () => {
    const space = spaces.digits201();
    const missing = allGenes(space).filter((genes) => table.value(space.format(genes), 'val_acc') === undefined);
    expect(missing).toEqual([]);
    expect(table.rows).toBe(space.size);
  });

  test('has the documented columns', () => {
    expect(table.metrics).toEqual(['val_acc', 'test_acc', 'val_acc_std', 'val_acc_1ep', 'val_acc_3ep', 'val_acc_6ep', 'params', 'flops', 'train_seconds', 'seeds']); // prettier-ignore
  });

  test('has one best cell', () => {
    const best = table.best('val_acc', 'maximize');
    expect(best).toBeCloseTo(97.7083, 4);
    expect(table.rank('val_acc', 'maximize', best)).toBe(1);
    expect(table.rank('val_acc', 'maximize', best - 1e-9)).toBe(2);
    const space = spaces.digits201();
    const cells = allGenes(space).map((genes) => space.format(genes));
    const winner = cells.find((cell) => table.value(cell, 'val_acc') === best)!;
    expect(table.value(winner, 'test_acc')).toBeCloseTo(97.6526, 4);
  });

  test('takes a choice of metrics', async () => {
    const some = await digits201Oracle({ metrics: ['test_acc'] });
    expect(Object.keys(await some('|none~0|+|none~0|none~1|+|none~0|none~1|none~2|'))).toEqual(['test_acc']);
  });
});

test('NAS-Bench-201: the best cells by validation accuracy', async () => {
  const file = path.join(__dirname, '..', '..', '..', '..', 'shared', 'data', 'nasbench201.csv');
  if (!existsSync(file)) {
    console.log(`skipped: no table ${file}`);
    return;
  }
  const table = await tabularOracle(file, spaces.nasbench201(), { metrics: ['cifar10_valid_val', 'cifar100_val'] });
  expect(table.rows).toBe(15_625);
  expect(table.best('cifar10_valid_val', 'maximize')).toBeCloseTo(91.606667, 6);
  expect(table.best('cifar100_val', 'maximize')).toBeCloseTo(73.493333, 6);
});
