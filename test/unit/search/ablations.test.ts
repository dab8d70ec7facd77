import { ablate, ablationNames } from '../../../src/search/ablations.js';
import { presetFor } from '../../../src/search/presets.js';

const standard = presetFor('default', 'digits201', 'val_acc');

test.each(ablationNames)('%s changes one ingredient of the default, and its name', (name) => {
  const changed = ablate(standard, name);
  expect(presetFor(name, 'nasbench201', 'cifar100_val')).toEqual({ ...changed, draws: changed.draws });
  const differ = (Object.keys(standard) as (keyof typeof standard)[]).filter(
    (key) => JSON.stringify(standard[key]) !== JSON.stringify(changed[key]),
  );
  expect(differ).toHaveLength(2);
  expect(differ).toContain('name');
  expect(changed.name).toBe(name);
});
