import { availableParallelism } from 'node:os';
import { checkInteger, checkKeys, checkMethod, checkName, OptiProxyError } from '../errors.js';
import { checkConstraints } from '../metric/constraint.js';
import { KnownMetrics } from '../metric/known.js';
import { checkCheapMetrics } from '../metric/metric.js';
import { checkUnits } from '../metric/units.js';
import { checkSpace, geneCount } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import { checkReference, Purpose } from './purpose.js';
import type { AskOptions, Metrics, Objective, StudyOptions } from './types.js';

/** Most architectures that one `ask` or round may hold. */
export const MAX_BATCH = 100_000;

/** Most random architectures that a round scores: what the native core takes. */
export const MAX_SCAN = 2 ** 31 - 1;

/** Most objectives of a study: of more nearly everything is on the front. */
const MAX_OBJECTIVES = 8;

const studyKeys = [
  'space',
  'objectives',
  'seed',
  'method',
  'preset',
  'proxy',
  'threads',
  'device',
  'init',
  'batch',
  'scan',
  'pool',
  'storage',
  'fidelity',
  'metrics',
  'constraints',
  'reference',
  'units',
];

export interface CheckedOptions {
  objectives: readonly Objective[];
  seed: number;
  method: string;
  threads: number;
  /** Genes (n, G). */
  pool: Uint8Array | undefined;
  known: KnownMetrics;
  purpose: Purpose;
}

/** Checks every study option and fills in the defaults. */
export function checkStudyOptions(options: StudyOptions): CheckedOptions {
  checkKeys('options', options, studyKeys);
  const { space } = options;
  checkSpace('options.space', space);
  if (options.init !== undefined) checkInteger('options.init', options.init, 1, MAX_BATCH);
  if (options.batch !== undefined) checkInteger('options.batch', options.batch, 1, MAX_BATCH);
  if (options.scan !== undefined) checkInteger('options.scan', options.scan, 1, MAX_SCAN);
  if (
    options.storage !== undefined &&
    (typeof options.storage !== 'string' || options.storage === '' || options.storage !== options.storage.trim())
  ) {
    throw new OptiProxyError('INVALID_ARGUMENT', { what: 'options.storage', expected: 'the name of a file', given: options.storage }); // prettier-ignore
  }
  const objectives = checkObjectives(options.objectives);
  const names = objectives.map(({ metric }) => metric);
  const metrics = checkCheapMetrics(options.metrics, space, names);
  const constraints = checkConstraints(options.constraints);
  const known = new KnownMetrics(metrics, constraints, objectives, checkUnits(options.units, metrics));
  if (objectives.length > 1 && options.fidelity !== undefined) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'options.fidelity',
      expected: 'a single objective beside it',
      given: `${objectives.length} objectives`,
    });
  }
  if (known.costly.length > 0 && options.fidelity !== undefined) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'options.fidelity',
      expected: 'constraints on metrics that are known before a query beside it',
      given: known.costly.map(({ metric }) => metric).join(', '),
    });
  }
  return {
    objectives,
    known,
    purpose: new Purpose(objectives, known, checkReference(options.reference, objectives)),
    seed: checkInteger('options.seed', options.seed ?? 0, 0, Number.MAX_SAFE_INTEGER),
    method: options.method ?? 'optiproxy',
    pool: checkPool(options.pool, space),
    threads: checkInteger('options.threads', options.threads ?? Math.min(availableParallelism(), 16), 1, 256),
  };
}

/** Genes (n, G) of the architectures that can be queried. Throws `INVALID_ARGUMENT` naming the entry that is none. */
function checkPool(pool: unknown, space: SearchSpace): Uint8Array | undefined {
  if (pool === undefined) return undefined;
  const width = geneCount(space.program);
  const list = Array.isArray(pool) ? (pool as unknown[]) : undefined;
  const bytes = ArrayBuffer.isView(pool) ? (pool as Uint8Array) : undefined;
  if (list?.length === 0 || bytes?.length === 0 || (list === undefined && bytes?.BYTES_PER_ELEMENT !== 1)) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'options.pool',
      expected: 'architectures, as a list of strings or as genes',
      given: list?.length === 0 || bytes?.length === 0 ? 'none' : pool,
    });
  }
  if (bytes !== undefined) return bytes.slice();
  const genes = new Uint8Array(list!.length * width);
  list!.forEach((architecture, i) => {
    try {
      genes.set(space.parse(architecture as string), i * width);
    } catch (cause) {
      throw new OptiProxyError('INVALID_ARGUMENT', { what: `options.pool[${i}]: ${(cause as Error).message}`, cause });
    }
  });
  return genes;
}

function checkObjectives(objectives: unknown): Objective[] {
  const what = 'options.objectives';
  if (!Array.isArray(objectives) || objectives.length === 0 || objectives.length > MAX_OBJECTIVES) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what,
      expected: `one objective, up to ${MAX_OBJECTIVES}`,
      given: Array.isArray(objectives) ? `${objectives.length}` : objectives,
      hint: "like [{ metric: 'val_acc', goal: 'maximize' }]",
    });
  }
  const checked = objectives.map((one: unknown, i) => checkObjective(`${what}[${i}]`, one as Objective));
  const twice = checked.find(({ metric }, i) => checked.findIndex((one) => one.metric === metric) < i);
  if (twice === undefined) return checked;
  throw new OptiProxyError('INVALID_ARGUMENT', {
    what,
    expected: 'each metric once',
    given: `${twice.metric} twice`,
  });
}

function checkObjective(what: string, objective: Objective): Objective {
  checkKeys(what, objective, ['metric', 'goal']);
  if (typeof objective.metric !== 'string' || objective.metric === '') {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: `${what}.metric`,
      expected: 'the name of a metric',
      given: objective.metric,
    });
  }
  checkName(`${what}.goal`, objective.goal, ['maximize', 'minimize']);
  return { ...objective };
}

/**
 * A clean copy of an oracle's answer.  Throws `INVALID_METRICS` unless every metric is a finite number and those wanted are
 * there, which are `named` so in the message.
 */
export function checkMetrics(
  what: string,
  metrics: unknown,
  wanted: readonly string[],
  named = 'the objective',
): Metrics {
  if (typeof metrics !== 'object' || metrics === null || Array.isArray(metrics)) {
    const example = `{ ${wanted.map((name) => `${name}: 91.6`).join(', ')} }`;
    throw new OptiProxyError('INVALID_METRICS', { what, expected: `metrics like ${example}`, given: metrics });
  }
  const entries = Object.entries(metrics as Metrics); // read once: a getter may answer differently each time
  for (const [name, value] of entries) {
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw new OptiProxyError('INVALID_METRICS', {
        what: `${what}, metric ${name}`,
        expected: 'a finite number',
        given: value,
      });
    }
  }
  const absent = wanted.find((name) => !entries.some(([given]) => given === name));
  if (absent !== undefined) {
    throw new OptiProxyError('INVALID_METRICS', {
      what,
      expected: `${named} ${absent} among the metrics`,
      given: entries.map(([name]) => name).join(', '),
    });
  }
  return Object.freeze(Object.fromEntries(entries)); // half the size of a frozen `{ ...metrics }`
}

/** Checks what an ask is called with.  Throws `INVALID_ARGUMENT`. */
export function checkAsk(count: number, options: AskOptions): void {
  checkInteger('count', count, 1, MAX_BATCH);
  checkKeys('options', options, ['signal', 'onPhase', 'left']);
  checkMethod('options.signal', options.signal, 'an AbortSignal');
  checkMethod('options.onPhase', options.onPhase, 'a function');
  const { left } = options;
  if (left === undefined || (typeof left === 'number' && left >= 0)) return;
  throw new OptiProxyError('INVALID_ARGUMENT', {
    what: 'options.left',
    expected: 'full trainings that are left to pay with, at least 0',
    given: left,
  });
}

export function busy(what: string, hint: string): OptiProxyError {
  return new OptiProxyError('BUSY', { what, expected: 'one at a time', given: 'a second call', hint });
}
