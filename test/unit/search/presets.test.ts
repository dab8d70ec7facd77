import { createMethod, methodNames, presetNames, proxyNames } from '../../../src/search/methods.js';
import { presetFor } from '../../../src/search/presets.js';
import { errorOf } from '../../support/errors.js';
import { historyOf } from '../../support/history.js';
import { tinySpace } from '../../support/spaces.js';

test('default: one setting for every metric', () => {
  const preset = presetFor('default', 'digits201', 'val_acc');
  expect(presetFor('default', 'nasbench101', 'cifar100_val')).toEqual(preset);
  expect(preset).toMatchObject({
    name: 'default',
    init: 10,
    batch: 1,
    mixture: { joinsAfter: 256 },
    fit: { dropout: 0 },
  });
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

test('networks learn known limits, the default and what is published do not', () => {
  const taught = presetNames.filter((name) => presetFor(name, 'nasbench201', 'cifar100_val', ['raspi4']).head);
  expect(taught).toEqual(['networks', 'networks-mlp', 'networks-transformer']);
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

test.each([
  ['edgegpu', { batch: 10, model: { hidden: 256 }, fit: { epochs: 400 }, climb: { restarts: 20, alphaHigh: 2 } }],
  ['raspi4', { batch: 10, model: { hidden: 256 }, fit: { epochs: 400 }, climb: { restarts: 20, alphaHigh: 2 } }],
  ['pixel3', { batch: 10, model: { hidden: 192 }, fit: { epochs: 200 }, climb: { restarts: 30 } }],
  ['edgetpu', { batch: 5, model: { hidden: 384 }, fit: { epochs: 400 }, climb: { restarts: 50, alphaHigh: 1.5 } }],
])('paper: the published settings for a limit on %s', (device, wanted) => {
  const limited = presetFor('paper', 'nasbench201', 'cifar100_val', ['params', `cifar100_${device}_latency`]);
  expect(limited).toMatchObject({ ...wanted, init: 10, name: 'paper' });
  expect(limited.fit).toMatchObject({ batch: 20, lr: 0.005 });
  const usual = JSON.stringify(presetFor('paper', 'nasbench201', 'cifar100_val'));
  expect(JSON.stringify(presetFor('paper', 'nasbench201', 'cifar100_val', ['latency_ms']))).toBe(usual);
  expect(JSON.stringify(presetFor('paper', 'digits201', 'cifar100_val', [`${device}_ms`]))).not.toBe(JSON.stringify(limited)); // prettier-ignore
});

describe('createMethod', () => {
  const options = { metric: 'acc', seed: 1, threads: 1 };

  test('gives the name, the preset and its sizes', () => {
    for (const name of methodNames) {
      for (const preset of presetNames) {
        const made = createMethod(name, tinySpace(), { ...options, preset });
        const used = name === 'paper' ? 'paper' : preset;
        const single = ['evolution', 'tpe', 'local-search'].includes(name);
        const batch = single ? 1 : name === 'bananas' ? 10 : presetFor(used, 'tiny', 'acc').batch;
        const init = name === 'evolution' ? 20 : presetFor(used, 'tiny', 'acc').init; // 20: its population
        expect(made).toMatchObject({ name, preset: used, init, batch });
        made.method.close();
      }
    }
  });

  test('paper is the optiproxy method with that preset', async () => {
    const space = tinySpace();
    const given = { ...options, metric: 'cifar100_val', init: 3 };
    const [a, b] = [createMethod('paper', space, given), createMethod('optiproxy', space, { ...given, preset: 'paper' })]; // prettier-ignore
    expect({ ...a, name: b.name, method: 0, learnt: 0 }).toEqual({ ...b, method: 0, learnt: 0 });
    const first = await a.method.propose(3, historyOf(space, []));
    expect(await b.method.propose(3, historyOf(space, []))).toEqual(first);
    const history = historyOf(
      space,
      first.map(({ genes }, value) => ({ genes, value })),
    );
    expect(await a.method.propose(2, history)).toEqual(await b.method.propose(2, history));
    for (const { method } of [a, b]) method.close();
  });

  test('who names a proxy and no preset sees its networks search', () => {
    for (const [proxy, preset] of [
      [undefined, 'default'],
      ['gcn', 'networks'],
      ['mlp', 'networks'],
    ]) {
      // prettier-ignore
      const made = createMethod('optiproxy', tinySpace(), { ...options, proxy });
      expect(made).toMatchObject({ preset, proxy: proxy ?? 'gcn' });
      made.method.close();
    }
  });

  test('init replaces the preset’s', () => {
    const made = createMethod('optiproxy', tinySpace(), { ...options, init: 3 });
    expect(made).toMatchObject({ preset: 'default', init: 3 });
    made.method.close();
  });

  test('any preset learns with any proxy; methods without one say none', () => {
    const learners: string[] = ['optiproxy', 'paper', 'bananas'];
    for (const preset of presetNames) {
      for (const proxy of proxyNames) {
        for (const name of methodNames) {
          const made = createMethod(name, tinySpace(), { ...options, preset, proxy });
          const used = name === 'paper' ? 'paper' : preset;
          expect(made).toMatchObject({ preset: used, proxy: learners.includes(name) ? proxy : 'none' });
          made.method.close();
        }
      }
    }
  });

  test('names the instruction set of methods with kernels, none of others', () => {
    for (const name of methodNames) {
      const { method } = createMethod(name, tinySpace(), options);
      const guided = ['optiproxy', 'paper', 'bananas'].includes(name);
      expect(method.isa).toMatch(guided ? /^(baseline|avx2|avx512|neon)$/ : /^none$/);
      method.close();
    }
  });

  test('unknown names', async () => {
    await errorOf('UNKNOWN_NAME', () => createMethod('toString', tinySpace(), options));
    await errorOf('UNKNOWN_NAME', () => createMethod('random', tinySpace(), { ...options, preset: 'Default' }));
    await errorOf('UNKNOWN_NAME', () => createMethod('random', tinySpace(), { ...options, proxy: 'Gcn' }));
  });
});
