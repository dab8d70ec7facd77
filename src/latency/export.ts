import { OptiProxyError } from '../errors.js';
import type { ProxyConfig } from '../native.js';
import { ModelBuilder, type Model } from '../onnx/model.js';
import type { Curve } from '../proxy/labels.js';
import { takeParameters, type MemberParameters } from './parameters.js';

/** What of a space decides the inputs of a model. */
export interface GraphSize {
  /** N, nodes of a graph, padded. */
  readonly nodes: number;
  /** F, columns of a node's feature row. */
  readonly features: number;
}

/** How unsure a prediction is, in the unit of the targets: `factor · √(spread² + floor²)`, the spread being the members'. */
export interface Uncertainty {
  readonly factor: number;
  readonly floor: number;
}

/** An ensemble of GCNs of one output, and what its predictions mean. */
export interface TrainedGcn {
  readonly graph: GraphSize;
  readonly shape: Pick<ProxyConfig, 'hidden' | 'layers' | 'members'>;
  /** (K, P) as `Ensemble.snapshot` gives them. */
  readonly parameters: Float32Array;
  readonly curve: Curve;
  readonly uncertainty: Uncertainty;
  /** Name of the output. */
  readonly metric: string;
}

/** Names of what the model reads and of its second output. */
const names = ['adjacency', 'operations', 'sizes', 'deviation'];
/** As in the native core. */
const LAYER_NORM_EPSILON = 1e-5;

/** Throws `INVALID_ARGUMENT` for a metric that a model cannot have as an output. */
export function checkMetric(metric: string): void {
  if (typeof metric !== 'string' || metric === '' || names.includes(metric)) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'metric',
      expected: `another name than ${names.join(', ')}, which the model has already`,
      given: metric,
    });
  }
}

/**
 * The ensemble as an ONNX model.  Inputs: `adjacency` (batch, N, N) float32, 1 for an edge from the row's node to the
 * column's, without self loops; `operations` (batch, N, F) float32, the feature rows of `NativeSpace.encode`; `sizes` (batch)
 * int64, real nodes, 1..N: rows behind them are padding.  Outputs, (batch) float32: the metric, the mean of the members'
 * targets in the metric's own unit; `deviation`, in that unit too.  Throws `INVALID_ARGUMENT` for a metric that is called like
 * an input.
 */
export function gcnModel(trained: TrainedGcn, metadata: Readonly<Record<string, string>> = {}): Model {
  const { graph, shape, parameters, metric } = trained;
  checkMetric(metric);
  const { nodes, features } = graph;
  const model = new ModelBuilder('optiproxy-gcn');
  const adjacency = model.input('adjacency', 'float32', ['batch', nodes, nodes]);
  const operations = model.input('operations', 'float32', ['batch', nodes, features]);
  const sizes = model.input('sizes', 'int64', ['batch']);
  const { out, back } = normalised(model, nodes, adjacency);
  // The first layer's neighbours are summed before its maps, once for all members: features are few.
  const neighbours = model.node('Concat', [model.node('MatMul', [out, operations]), model.node('MatMul', [back, operations])], { axis: 2 }); // prettier-ignore
  const first = model.node('Reshape', [neighbours, model.integers([-1, 2 * features])]);
  const members = takeParameters(parameters, { ...shape, features });
  const rows = members.map((member) => memberRows(model, member, { nodes, features, hidden: shape.hidden }, first, out, back)); // prettier-ignore
  const all = model.node('Reshape', [
    model.node('Concat', rows, { axis: 1 }),
    model.integers([-1, nodes, shape.members * shape.hidden]),
  ]);
  const pooled = model.node('Squeeze', [model.node('MatMul', [poolWeights(model, nodes, sizes), all]), model.integers([1])]); // prettier-ignore
  const targets = model.node('MatMul', [gelu(model, pooled), heads(model, members, shape.hidden)]);
  addOutputs(model, trained, targets);
  return model.finish(metadata);
}

/** rownorm(A + I) and rownorm of its transpose. */
function normalised(model: ModelBuilder, nodes: number, adjacency: string): { out: string; back: string } {
  const loops = Float32Array.from({ length: nodes * nodes }, (_, at) => (at % (nodes + 1) === 0 ? 1 : 0));
  const rowNormalised = (matrix: string): string =>
    model.node('Div', [matrix, model.node('ReduceSum', [matrix, model.integers([2])], { keepdims: 1 })]);
  const out = rowNormalised(model.node('Add', [adjacency, model.floats(loops, [nodes, nodes])]));
  return { out, back: rowNormalised(model.node('Transpose', [out], { perm: [0, 2, 1] })) };
}

/** The last layer's rows (batch · N, H) of a member.  A product of two-dimensional matrices with its bias is one kernel. */
function memberRows(
  model: ModelBuilder,
  { layers }: MemberParameters,
  { nodes, features, hidden }: GraphSize & { hidden: number },
  first: string,
  out: string,
  back: string,
): string {
  let rows = '';
  for (const [l, layer] of layers.entries()) {
    let mixed: string;
    if (l === 0) {
      const maps = new Float32Array(4 * features * hidden); // [[W1, 0], [0, W2]]
      for (let f = 0; f < features; ++f) {
        maps.set(layer.weightOut.subarray(f * hidden, (f + 1) * hidden), 2 * f * hidden);
        maps.set(layer.weightIn.subarray(f * hidden, (f + 1) * hidden), (2 * (features + f) + 1) * hidden);
      }
      mixed = model.node('Relu', [model.node('Gemm', [first, model.floats(maps, [2 * features, 2 * hidden])])]);
    } else {
      const graphs = model.node('Reshape', [rows, model.integers([-1, nodes, hidden])]);
      const half = (neighbours: string, weight: Float32Array): string => {
        const sums = model.node('Reshape', [model.node('MatMul', [neighbours, graphs]), model.integers([-1, hidden])]);
        return model.node('Relu', [model.node('Gemm', [sums, model.floats(weight, [hidden, hidden])])]);
      };
      mixed = model.node('Concat', [half(out, layer.weightOut), half(back, layer.weightIn)], { axis: 1 });
    }
    const vector = (values: Float32Array): string => model.floats(values, [hidden]);
    const map = model.floats(layer.linearWeight, [2 * hidden, hidden]);
    rows = model.node(
      'LayerNormalization',
      [model.node('Gemm', [mixed, map, vector(layer.linearBias)]), vector(layer.normGain), vector(layer.normBias)],
      { axis: -1, epsilon: LAYER_NORM_EPSILON },
    );
  }
  return rows;
}

/** (batch, 1, N): 1 over the size for real nodes, 0 for padding. */
function poolWeights(model: ModelBuilder, nodes: number, sizes: string): string {
  const column = model.node('Unsqueeze', [sizes, model.integers([1])]);
  const places = model.integers(Array.from({ length: nodes }, (_, i) => i), [1, nodes]); // prettier-ignore
  const toFloat = (value: string): string => model.node('Cast', [value], { to: 1 });
  const weights = model.node('Div', [toFloat(model.node('Less', [places, column])), toFloat(column)]);
  return model.node('Unsqueeze', [weights, model.integers([1])]);
}

/** x Φ(x). */
function gelu(model: ModelBuilder, x: string): string {
  const number = (value: number): string => model.floats([value], []);
  const erf = model.node('Erf', [model.node('Mul', [x, number(Math.SQRT1_2)])]);
  return model.node('Mul', [model.node('Mul', [x, number(0.5)]), model.node('Add', [erf, number(1)])]);
}

/** (K · H, K): each member's head in its own column. */
function heads(model: ModelBuilder, members: readonly MemberParameters[], hidden: number): string {
  const count = members.length;
  const all = new Float32Array(count * hidden * count);
  members.forEach(({ head }, m) => head.forEach((weight, h) => (all[(m * hidden + h) * count + m] = weight)));
  return model.floats(all, [count * hidden, count]);
}

/** The metric and its deviation from targets (batch, K).  A deviation is carried over by the slope of the curve there. */
function addOutputs(model: ModelBuilder, { curve, uncertainty, metric }: TrainedGcn, targets: string): void {
  const number = (value: number): string => model.floats([value], []);
  const mean = model.node('ReduceMean', [targets], { axes: [1], keepdims: 1 });
  const difference = model.node('Sub', [targets, mean]);
  const variance = model.node('ReduceMean', [model.node('Mul', [difference, difference])], { axes: [1], keepdims: 0 });
  const spread = model.node('Sqrt', [model.node('Add', [variance, number(uncertainty.floor ** 2)])]);
  const target = model.node('Squeeze', [mean, model.integers([1])]);
  const linear = (x: string, slope: number, intercept: number): string =>
    model.node('Add', [model.node('Mul', [x, number(slope)]), number(intercept)]);
  let value = linear(target, curve.slope, curve.intercept);
  let deviation = model.node('Mul', [spread, number(Math.abs(curve.slope) * uncertainty.factor)]);
  if (curve.exponential !== undefined) {
    const { factor, offset } = curve.exponential;
    const power = model.node('Exp', [value]);
    value = linear(power, factor, offset);
    deviation = model.node('Mul', [deviation, model.node('Mul', [power, number(Math.abs(factor))])]);
  }
  model.output(value, metric, 'float32', ['batch']);
  model.output(deviation, 'deviation', 'float32', ['batch']);
}
