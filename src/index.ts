/** OptiProxy: neural architecture search by an optimisation proxy (arXiv 2509.05656). */
export { OptiProxyError, type ErrorCode } from './errors.js';
export {
  defineSpace,
  exampleOf,
  loadSpace,
  parseSpace,
  spaceByName,
  spaces,
  variablesOf,
  type SpaceDefinition,
  type SpaceName,
  type SpaceOptions,
} from './space/index.js';
export { faultOf, mutate, neighboursOf, sampleSpace } from './space/explore.js';
export { nasbench101Hash } from './space/nasbench101.js';
export type { Isomorphism, SearchSpace, SpaceProgram } from './space/types.js';
export type { Edge, EdgeCell, FeatureUse, Gene, Section, ValueCount } from './space/program.js';
export { tabularOracle, type TableOptions, type TabularOracle } from './oracle/table.js';
export { processOracle, type ProcessOptions } from './oracle/remote/process.js';
export { httpOracle } from './oracle/remote/http.js';
export type { RemoteOracle } from './oracle/remote/hear.js';
export type { Constraint } from './metric/constraint.js';
export type { CheapMetric, GivenMetric } from './metric/metric.js';
export { onnxMetric, type OnnxMetric, type OnnxMetricOptions } from './latency/metric.js';
export { digits201Oracle } from './oracle/embedded.js';
export { fitLatency, type LatencyFit, type LatencyOptions, type Measurements } from './latency/fit.js';
export { measurementsOf } from './latency/measurements.js';
export { predictLatency, readLatencyModel, type LatencyModel, type Prediction } from './latency/predict.js';
export type { Source } from './latency/transfer.js';
export type { QualityCard, Validation } from './latency/card.js';
export { Study } from './study/study.js';
export type { MeasuredElsewhere } from './study/asker.js';
export type {
  AskOptions,
  Fidelity,
  Metrics,
  Objective,
  Oracle,
  OracleContext,
  Progress,
  Round,
  RunOptions,
  RunResult,
  StudyOptions,
  Timings,
  TraceEntry,
  Trial,
  Warning,
  WarningCode,
} from './study/types.js';
export type { Quality } from './statistics/window.js';
export type { ProxyModel } from './latency/proxy.js';
export { hypervolume } from './study/front.js';
export type { ClimbDiagnostics, Diagnostics } from './baselines/method.js';
export { measureLatency } from './latency/measure/index.js';
export type {
  LatencyFailure,
  LatencyRow,
  LatencySettings,
  MeasuredLatency,
  MeasureOptions,
  MeasureProgress,
} from './latency/measure/index.js';
