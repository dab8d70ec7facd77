import type { ReportedStudy } from '../../src/report/result.js';
import { spaces } from '../../src/space/index.js';
import type { Quality } from '../../src/statistics/window.js';
import type { Round, TraceEntry } from '../../src/study/types.js';

export const cells = [
  '|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_1x1~1|nor_conv_3x3~2|',
  '|nor_conv_3x3~0|+|nor_conv_3x3~0|skip_connect~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|',
] as const;

export const trace: TraceEntry[] = [
  { query: 1, architecture: cells[0], metrics: { val_acc: 90 }, best: 90, predicted: null, interval: null, round: 0 },
  {
    query: 2,
    architecture: cells[1],
    metrics: { val_acc: 95.5, params: 1200 },
    best: 95.5,
    predicted: 95.25,
    interval: [94.5, 96],
    round: 1,
  },
  {
    query: 3,
    architecture: cells[0],
    metrics: {},
    best: 95.5,
    predicted: 94,
    interval: [93, 95],
    round: 1,
    error: 'no disk',
  },
];

const held: Quality = { answers: 1, tau: null, coverage: 1, bias: -0.25 };

/** The one round of that trace. */
export const round: Round = {
  round: 1,
  first: 2,
  size: 2,
  climb: { alphaEntropy: 0.5, betaEntropy: null, draws: 1000, duplicates: 0.75, invalid: 0, picked: 1 },
  neighbours: 24,
  scored: 300,
  batch: held,
  recent: held,
  overall: held,
};

/** A finished study, as reports see one. */
export const reported: ReportedStudy = {
  space: spaces.digits201(),
  method: 'optiproxy',
  preset: 'default',
  proxy: 'gcn',
  seed: 4,
  queries: 3,
  fidelity: undefined,
  screened: 0,
  constraints: [],
  units: {},
  objectives: [{ metric: 'val_acc', goal: 'maximize' }],
  front: [],
  epochs: 0,
  best: {
    id: 2,
    architecture: cells[1],
    state: 'complete',
    metrics: { val_acc: 95.5, params: 1200 },
    query: 2,
    round: 1,
  },
  rounds: [round],
  warnings: [],
  timings: { fitMs: 500.12345, climbMs: 250, acquireMs: 100, oracleMs: 50, totalMs: 1000 },
  isa: 'avx2',
  trace: () => trace,
};
