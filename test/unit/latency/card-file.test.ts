/** @jest-environment <rootDir>/test/support/package-environment.js */
import { readLatencyModel } from '../../../src/latency/predict.js';
import { errorOf } from '../../support/errors.js';
import { scratchFolder } from '../../support/files.js';
import { linearModel, writeModel } from '../../support/models.js';

jest.mock('../../../src/packages.js', () => {
  const { nodePackages } = jest.requireActual<typeof import('../../support/packages.js')>('../../support/packages.js');
  return nodePackages;
});

const folder = scratchFolder();

const card = {
  schema: 1,
  space: 'digits201',
  isomorphism: 'computation',
  metric: 'ms',
  unit: null,
  measurements: 10,
  distinct: 10,
  repeated: 0,
  skipped: 0,
  spread: { min: 1, median: 2, max: 3, deviation: 1 },
  sources: [],
  model: { members: 3, layers: 2, hidden: 48 },
  validation: { folds: 5, kendall: null, spearman: null, mape: 0.1, medianError: 0.1, within5: 0, within10: 0, coverage: 1 }, // prettier-ignore
  interval: { level: 0.9, from: 'cross-validated residuals', relative: null },
  seed: 0,
  version: '0.1.0',
};
const read = async (text: string): ReturnType<typeof readLatencyModel> =>
  readLatencyModel(await writeModel(folder.path, 'model.onnx', { ...linearModel([1]), metadata: { card: text } }));

test('a card is read whole, with what a later version adds', async () => {
  expect((await read(JSON.stringify(card))).card).toEqual(card);
  expect((await read(JSON.stringify({ ...card, more: 1 }))).card).toEqual({ ...card, more: 1 });
});

test.each([
  ['nothing', 'null'],
  ['a number', '5'],
  ['no JSON', '{'],
  ['an empty one', '{}'],
  ['no validation', JSON.stringify({ ...card, validation: null })],
  ['a metric that is no text', JSON.stringify({ ...card, metric: ['ms'] })],
  ['no rule of what is the same', JSON.stringify({ ...card, isomorphism: 'x\n' })],
])('a card that is %s is none', async (_name, text) => {
  const { message } = await errorOf('INVALID_ARGUMENT', () => read(text));
  expect(message).toMatch(/model\.onnx: expected a model that `optiproxy latency fit` wrote, given "/);
});
