/** @jest-environment <rootDir>/test/support/package-environment.js */
import { readMetadata } from '../../../src/onnx/metadata.js';
import { Session } from '../../../src/onnx/session.js';
import { spaces } from '../../../src/space/index.js';
import { Study } from '../../../src/study/study.js';
import type { StudyOptions } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';

jest.mock('../../../src/packages.js', () => {
  const { nodePackages } = jest.requireActual<typeof import('../../support/packages.js')>('../../support/packages.js');
  return nodePackages;
});

const space = spaces.digits201();
const convolutions = (architecture: string): number => architecture.match(/nor_conv/g)?.length ?? 0;
const acc = (architecture: string): number => 90 + convolutions(architecture) - (architecture.length % 7) / 10;
const open = (more: Partial<StudyOptions>): Promise<Study> =>
  Study.open({ space, objectives: [{ metric: 'acc', goal: 'maximize' }], seed: 2, threads: 1, preset: 'networks', ...more }); // prettier-ignore

/** What a model says of these, in onnxruntime. */
async function said(bytes: Uint8Array, metric: string, architectures: readonly string[]): Promise<Float64Array[]> {
  const { program } = space;
  const session = await Session.open({ model: bytes, program, example: space.parse(space.example), output: metric, also: ['deviation'] }); // prettier-ignore
  const genes = new Uint8Array(Buffer.concat(architectures.map((one) => space.parse(one))));
  return session.evaluate(genes).finally(() => session.close());
}

/** Fits to 20 answers, and asks for more. */
async function learnt(study: Study, metric: string, sign: 1 | -1): Promise<readonly (readonly [string, number])[]> {
  await study.run({ oracle: (one) => ({ [metric]: sign * acc(one) }), queries: 20 });
  const asked = await study.ask(12);
  return asked.map(({ architecture, predicted }) => [architecture, predicted!] as const);
}

test.each([
  ['maximize', 1],
  ['minimize', -1],
] as const)('says of an architecture what the search predicted, to %s', async (goal, sign) => {
  const study = await open({ objectives: [{ metric: 'acc', goal }], units: { acc: '%' } });
  const asked = await learnt(study, 'acc', sign);
  const { bytes, checked } = await study.proxyModel();
  expect(checked).toBeLessThan(1e-5);
  const [values, deviations] = await said(bytes, 'acc', asked.map(([architecture]) => architecture)); // prettier-ignore
  asked.forEach(([, predicted], i) => expect(values![i]! / predicted).toBeCloseTo(1, 5));
  expect(Math.min(...deviations!)).toBeGreaterThan(0);
  const { space: id, metric, unit, origin } = await readMetadata(bytes);
  expect([id, metric, unit]).toEqual(['digits201', 'acc', '%']);
  expect(JSON.parse(origin!)).toMatchObject({ method: 'optiproxy', preset: 'networks', goal, queries: 20, seed: 2 });
  study.close();
  await errorOf('CLOSED', () => study.proxyModel());
});

test('of networks that learn limits too, what they say of the objective', async () => {
  const study = await open({ metrics: { convolutions }, constraints: [{ metric: 'convolutions', max: 3 }] }); // prettier-ignore
  const asked = await learnt(study, 'acc', 1);
  const { bytes } = await study.proxyModel();
  const [values] = await said(bytes, 'acc', asked.map(([architecture]) => architecture)); // prettier-ignore
  const chosen = asked.filter(([, predicted]) => predicted !== undefined);
  expect(chosen.length).toBeGreaterThan(0);
  asked.forEach(([, predicted], i) => predicted !== undefined && expect(values![i]! / predicted).toBeCloseTo(1, 5));
  study.close();
});

test('refused where there are no such networks', async () => {
  const two = [{ metric: 'acc', goal: 'maximize' } as const, { metric: 'ms', goal: 'minimize' } as const];
  const refused: [Partial<StudyOptions>, number | undefined, RegExp][] = [
    [{}, 11, /expected at least 11 queries, given "0 queries by optiproxy, preset networks, proxy gcn"/],
    [{ init: 20 }, 21, /expected at least 21 queries/],
    [{ preset: 'default' }, 258, /expected at least 258 queries/],
    [{ preset: 'without-ensemble' }, undefined, /expected graph networks that predict a single objective/],
    [{ preset: 'networks-mlp' }, undefined, /given "0 queries by optiproxy, preset networks-mlp, proxy mlp"/],
    [{ preset: 'default', method: 'random' }, undefined, /given "0 queries by random, preset default, proxy none/],
    [{ method: 'bananas' }, undefined, /expected graph networks that predict a single objective/],
    [{ objectives: two }, undefined, /none has with several objectives/],
    [{ constraints: [{ metric: 'ms', max: 1 }] }, undefined, /limits that only a query tells/],
    [{ preset: 'default', fidelity: { epochs: 1, fullEpochs: 10 } }, undefined, /or a fidelity/],
  ];
  for (const [options, from, message] of refused) {
    const study = await open(options);
    expect(study.exportsAfter).toBe(from);
    expect((await errorOf('INVALID_ARGUMENT', () => study.proxyModel())).message).toMatch(message);
    study.close();
  }
});

test('as many queries are enough as it says', async () => {
  for (const init of [2, 10]) {
    const study = await open({ init, batch: 1 });
    await study.run({ oracle: (one) => ({ acc: acc(one) }), queries: study.exportsAfter! });
    expect((await study.proxyModel()).bytes.length).toBeGreaterThan(1000);
    study.close();
  }
});
