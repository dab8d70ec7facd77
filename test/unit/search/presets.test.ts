import { createMethod, methodNames, presetNames } from '../../../src/search/methods.js';
import { presetFor } from '../../../src/search/presets.js';
import { errorOf } from '../../support/errors.js';
import { tinySpace } from '../../support/spaces.js';

test('default: one setting for every metric', () => {
  const preset = presetFor('default', 'digits201', 'val_acc');
  expect(presetFor('default', 'nasbench101', 'cifar100_val')).toEqual(preset);
  expect(preset).toMatchObject({ name: 'default', init: 10, batch: 3, pick: 'thompson', fit: { dropout: 0 } });
});

test('paper: the published settings for CIFAR-10, and for every metric but CIFAR-100', () => {
  const preset = presetFor('paper', 'nasbench201', 'cifar10_valid_val');
  expect(preset).toMatchObject({
    name: 'paper',
    init: 10,
    batch: 10,
    model: { members: 1, layers: 2, hidden: 144 },
    labels: 'standard',
    fit: { epochs: 500, batch: 7, lr: 0.001, ranking: 0.2, margin: 0.1, dropout: 0.1 },
    climb: { restarts: 5, steps: 300, lr: 0.02, tauStart: 0.7, tauEnd: 0.2, alphaLow: 0.9, alphaHigh: 1 },
    pick: 'mean',
    incumbents: 0,
    hillClimb: { rounds: 0 },
  });
  expect(preset.draws(10)).toBe(80); // 40 candidates a sample from 5 restarts
  for (const metric of ['val_acc', 'imagenet16_val', '']) expect(JSON.stringify(presetFor('paper', 'digits201', metric))).toBe(JSON.stringify(preset)); // prettier-ignore
});

test('paper: the published settings for CIFAR-100', () => {
  const preset = presetFor('paper', 'nasbench201', 'cifar100_val');
  expect(preset).toMatchObject({
    batch: 5,
    model: { members: 1, layers: 2, hidden: 128 },
    fit: { epochs: 100, batch: 20, lr: 0.002 },
    climb: { restarts: 20, steps: 100, lr: 0.05, alphaLow: 0, alphaHigh: 2 },
  });
  expect(preset.draws(5)).toBe(5);
});

test.each([
  ['nasbench101', { init: 10, batch: 10, climb: { restarts: 2, turn: 15 } }],
  ['nasbench301', { init: 5, batch: 5, climb: { restarts: 4, turn: 20 } }],
  ['nasbench-nlp', { init: 5, batch: 5, climb: { restarts: 2, turn: 15 } }],
])('paper: the published settings for %s, where edges are searched too', (space, wanted) => {
  const preset = presetFor('paper', space, 'acc');
  expect(preset).toMatchObject(wanted);
  expect(preset).toMatchObject({ model: { hidden: 186 }, fit: { epochs: 500, batch: 10, schedule: { gamma: 0.92 } } });
});

describe('createMethod', () => {
  const options = { metric: 'acc', seed: 1, threads: 1 };

  test('gives the name, the preset and its sizes', () => {
    for (const name of methodNames) {
      for (const preset of presetNames) {
        const made = createMethod(name, tinySpace(), { ...options, preset });
        const batch = name === 'local-search' ? 1 : presetFor(preset, 'tiny', 'acc').batch;
        expect(made).toMatchObject({ name, preset, init: 10, batch });
        made.method.close();
      }
    }
  });

  test('init replaces the preset’s', () => {
    const made = createMethod('optiproxy', tinySpace(), { ...options, init: 3 });
    expect(made).toMatchObject({ preset: 'default', init: 3 });
    made.method.close();
  });

  test('names the instruction set of methods with kernels, none of others', () => {
    const [guided, random] = methodNames.map((name) => createMethod(name, tinySpace(), options).method);
    expect(guided!.isa).toMatch(/^(baseline|avx2|avx512|neon)$/);
    expect(random!.isa).toBe('none');
    for (const method of [guided!, random!]) method.close();
  });

  test('unknown names', async () => {
    await errorOf('UNKNOWN_NAME', () => createMethod('toString', tinySpace(), options));
    await errorOf('UNKNOWN_NAME', () => createMethod('random', tinySpace(), { ...options, preset: 'Default' }));
  });
});
