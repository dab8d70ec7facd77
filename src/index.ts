/** OptiProxy: neural architecture search by an optimisation proxy (arXiv 2509.05656). */
export { OptiProxyError, type ErrorCode } from './errors.js';
export { spaces, type SpaceName } from './space/index.js';
export type { GraphProgram, SearchSpace } from './space/types.js';
export { tabularOracle, type TableOptions, type TabularOracle } from './oracle/table.js';
export { digits201Oracle } from './oracle/embedded.js';
export { Study, type AskOptions } from './study/study.js';
export type {
  Metrics,
  Objective,
  Oracle,
  OracleContext,
  Progress,
  RunOptions,
  RunResult,
  StudyOptions,
  Timings,
  TraceEntry,
  Trial,
} from './study/types.js';
