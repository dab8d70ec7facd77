import { spaces } from '../../src/space/index.js';
import { native, type Assessment, type NativeBelief, type NativePool, type NativeProxy } from '../../src/native.js';
import { assess, fittedBelief, fullPool, newBelief } from '../support/belief.js';
import { errorOf } from '../support/errors.js';
import { exampleSpaces } from '../support/example-spaces.js';
import { fourGenes, fourTargets, newProxy, scanPlan } from '../support/native.js';
import { edgeCellSpace, tinySpace } from '../support/spaces.js';

const { program } = tinySpace();
let belief: NativeBelief;
let pool: NativePool;
let proxy: NativeProxy;
beforeEach(async () => {
  belief = await fittedBelief();
  pool = fullPool();
  proxy = newProxy();
});
afterEach(() => {
  for (const object of [belief, pool, proxy]) object.close();
});

/** Calls a native method with arguments of any type. */
type Loose = (...args: unknown[]) => unknown;
const call = (target: object, name: string, ...args: unknown[]): unknown =>
  (target as Record<string, Loose>)[name]!(...args);
const make = (...args: unknown[]): unknown =>
  new (native().Belief as unknown as new (...args: unknown[]) => unknown)(...args);
const refused = async (message: RegExp, work: () => unknown): Promise<void> => {
  expect((await errorOf('INVALID_ARGUMENT', work)).message).toMatch(message);
};

/** The calls that take an assessment. */
const calls: Record<string, (assessment: Assessment) => unknown> = {
  predict: (assessment) => belief.predict(assessment, fourGenes()),
  score: (assessment) => pool.score(assessment, 1),
  beginScan: (assessment) => pool.beginScan(assessment, scanPlan),
  scan: (assessment) => pool.scan(assessment, 1),
};

test.each<[string, unknown, RegExp]>([
  ['nothing', undefined, /^genes: expected a Uint8Array, given undefined/],
  ['a list', [0, 0, 0], /^genes: expected a Uint8Array/],
  ['no architecture', new Uint8Array(), /at least one architecture/],
  ['half an architecture', new Uint8Array(4), /multiple of 3 bytes, given 4/],
  ['a gene out of range', Uint8Array.of(0, 0, 2), /gene 2 of architecture 0: expected 0\.\.1, given 2/],
])('a reference of %s', async (_name, reference, message) => {
  await refused(message, () => make(program, reference));
});

test.each<[string, unknown, RegExp]>([
  ['null', null, /^views: expected some of genes, labels, flow/],
  ['a name', 'genes', /^views: expected some/],
  ['none', [], /^views: expected some of genes, labels, flow, given none/],
  ['an unknown one', ['genes', 'paths'], /^views: .*given paths/],
  ['a number', [1], /^views: expected some/],
])('views that are %s', async (_name, views, message) => {
  await refused(message, () => make(program, fourGenes(), views));
});

test.each([null, 1, 'yes', {}])('written that is %p', async (wrong) => {
  await refused(/^written: expected true or false/, () => make(program, fourGenes(), undefined, wrong));
});

test('operations without effect count only where architectures are seen as they are written', async () => {
  const space = spaces.nasbench201({ isomorphism: 'encoding' });
  // Without a way from node 0, whatever follows is nothing.
  const texts = ['|none~0|+|none~0|none~1|+|none~0|none~1|none~2|', '|none~0|+|none~0|none~1|+|none~0|nor_conv_3x3~1|none~2|']; // prettier-ignore
  const both = Uint8Array.from(texts.flatMap((text) => [...space.parse(text)]));
  const seen = async (written: boolean): Promise<Float32Array> => {
    const one = new (native().Belief)(space.program, both, undefined, written);
    await one.fit(both, Float32Array.of(1, -1), true);
    const predicted = one.predict({ belief: one, share: 0, rule: 'ucb', beta: 0, best: 0 }, both);
    one.close();
    return predicted;
  };
  const [same, apart] = [await seen(false), await seen(true)];
  expect(same[0]).toBe(same[1]);
  expect(apart[0]).toBeGreaterThan(apart[1]! + 0.5);
});

test.each([undefined, null, 1, 'x', {}])('a space %p', async (wrong) => {
  await errorOf('INVALID_ARGUMENT', () => make(wrong, fourGenes()));
});

test.each<[string, unknown, unknown, unknown, RegExp]>([
  ['a list for genes', [0, 0, 0], Float32Array.of(1), true, /^genes: expected a Uint8Array/],
  ['half an architecture', new Uint8Array(4), Float32Array.of(1), true, /multiple of 3 bytes, given 4/],
  ['a gene out of range', Uint8Array.of(7, 0, 0), Float32Array.of(1), true, /gene 0 .* given 7/],
  ['doubles for targets', new Uint8Array(3), Float64Array.of(1), true, /^targets: expected a Float32Array/],
  ['too few targets', new Uint8Array(6), Float32Array.of(1), true, /a target for every architecture/],
  ['too many targets', new Uint8Array(3), Float32Array.of(1, 2), true, /a target for every architecture/],
  ['nothing to fit', new Uint8Array(), new Float32Array(), true, /at least one/],
  ['NaN', new Uint8Array(6), Float32Array.of(1, NaN), true, /^targets\[1\]: expected a finite number/],
  ['infinity', new Uint8Array(3), Float32Array.of(-Infinity), true, /^targets\[0\]: expected a finite number/],
  ['no word on tuning', new Uint8Array(3), Float32Array.of(1), undefined, /^tune: expected true or false/],
  ['a number for it', new Uint8Array(3), Float32Array.of(1), 1, /^tune: expected true or false/],
])('a fit of %s, which leaves what was learnt', async (_name, genes, targets, tune, message) => {
  const before = belief.predict(assess(belief), fourGenes());
  await refused(message, () => call(belief, 'fit', genes, targets, tune));
  expect(belief.predict(assess(belief), fourGenes())).toEqual(before);
});

test.each<[string, unknown, RegExp]>([
  ['null', null, /^cheap: expected a Uint8Array/],
  ['a list', [0, 1, 0, 1], /^cheap: expected a Uint8Array/],
  ['too few', new Uint8Array(3), /a mark for every target, or none/],
  ['others', Uint8Array.of(0, 1, 2, 0), /marks of 0 or 1/],
])('marks of %s, which leave what was learnt', async (_name, cheap, message) => {
  const before = belief.predict(assess(belief), fourGenes());
  await refused(message, () => call(belief, 'fit', fourGenes(), Float32Array.of(1, 2, 3, 4), true, cheap));
  expect(belief.predict(assess(belief), fourGenes())).toEqual(before);
});

test('genes to predict', async () => {
  for (const wrong of [undefined, null, [0, 0, 0], new Uint8Array(4), Uint8Array.of(0, 2, 0), new Int8Array(3)])
    await errorOf('INVALID_ARGUMENT', () => call(belief, 'predict', assess(belief), wrong));
});

describe.each(Object.entries(calls))('an assessment for %s', (_name, work) => {
  test('needs numbers and a rule in range', async () => {
    const given = (changes: object) => () => work({ ...assess(belief, { proxy }), ...changes });
    for (const key of ['share', 'beta', 'best']) {
      for (const wrong of [undefined, null, '1', {}, NaN, 1n, Symbol('s'), Infinity, 1e39, -1e39])
        await refused(new RegExp(`^${key}: expected`), given({ [key]: wrong }));
    }
    for (const share of [-0.01, 1.01]) await refused(/^share: expected/, given({ share }));
    await refused(/^beta: expected/, given({ beta: -1 }));
    for (const rule of [undefined, null, 1, 'ei', {}]) await refused(/^rule: expected ucb or log-ei/, given({ rule }));
  });

  test('needs a belief, and a proxy that is one', async () => {
    const forged = Object.create(native().Belief.prototype as object) as object;
    for (const wrong of [undefined, null, 1, {}, forged, pool, proxy])
      await refused(/^belief: expected a native Belief/, () => work({ ...assess(belief), belief: wrong as never }));
    for (const wrong of [null, 1, {}, pool, belief, forged])
      await refused(/^proxy: expected a native Proxy/, () => work({ ...assess(belief), proxy: wrong as never }));
    await refused(/^proxy: expected one for a share above 0/, () => work(assess(belief, { share: 0.5 })));
    for (const wrong of [undefined, null, 1, 'x', {}, [], pool, belief])
      await refused(/^(proxy|assessment): expected/, () => work(wrong as never));
  });

  test('is of the same space', async () => {
    const others = [
      edgeCellSpace({ id: 'w', cellNodes: 3, operations: ['a', 'b', 'c'] }),
      edgeCellSpace({ id: 'l', cellNodes: 4, operations: ['a', 'b'] }),
      exampleSpaces().find(({ id }) => id === 'slots')!,
    ];
    for (const other of others) {
      const width = other.program.genes.length;
      const stranger = newBelief(other.program, new Uint8Array(width));
      await stranger.fit(new Uint8Array(width), Float32Array.of(1), false);
      await refused(/^(belief: expected one of the same space|assessment: expected one by this belief)/, () =>
        work(assess(stranger)),
      );
      const network = newProxy({}, other.program);
      await refused(/^proxy: expected one of the pool's space/, () => work(assess(belief, { proxy: network })));
      for (const object of [stranger, network]) object.close();
    }
  });

  test('is by a belief that was fitted', async () => {
    const fresh = newBelief();
    await refused(/^(belief: fit it first|assessment: expected one by this belief)/, () => work(assess(fresh)));
    fresh.close();
  });
});

test('a belief that is not fitted predicts nothing', async () => {
  const fresh = newBelief();
  await refused(/^belief: fit it first/, () => fresh.predict(assess(fresh), fourGenes()));
  await fresh.fit(fourGenes(), fourTargets(), false);
  expect(fresh.predict(assess(fresh), fourGenes())).toHaveLength(8);
  fresh.close();
});

test('a proxy takes no part in predict of itself', async () => {
  await refused(/^assessment: expected one by this belief/, () => belief.predict(proxy as never, fourGenes()));
});

test('scores of an assessment and of an ensemble do not mix', async () => {
  await pool.score(assess(belief), 2);
  await refused(/^score: the number of members changed/, () => pool.score(proxy, 2));
  pool.forgetScores();
  expect(await pool.score(proxy, 100)).toBe(1);
  pool.beginScan(assess(belief), scanPlan);
  await refused(/^scan: the number of members changed/, () => pool.scan(proxy, 1));
});

test('how many representatives', async () => {
  for (const wrong of [undefined, null, '1', {}, NaN, -1, 1.5, 1e12])
    await refused(/^count: expected/, () => call(pool, 'representatives', wrong));
});
