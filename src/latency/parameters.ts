import type { ProxyConfig } from '../native.js';

/** Parameters of a GCN's layer, row-major. */
export interface LayerParameters {
  /** W1 (fan-in, H), follows edges; W2 against them. */
  readonly weightOut: Float32Array;
  readonly weightIn: Float32Array;
  /** W (2H, H) and b (H). */
  readonly linearWeight: Float32Array;
  readonly linearBias: Float32Array;
  /** (H) */
  readonly normGain: Float32Array;
  readonly normBias: Float32Array;
}

/** Of one member. */
export interface MemberParameters {
  readonly layers: readonly LayerParameters[];
  /** (H, O) */
  readonly head: Float32Array;
}

export type GcnShape = Pick<ProxyConfig, 'hidden' | 'layers' | 'members'> & { readonly features: number };

/** Views of the parameters (K, P) of an ensemble of GCNs, in the order of native/core/model.cpp; the head is the last. */
export function takeParameters(parameters: Float32Array, shape: GcnShape): MemberParameters[] {
  const each = parameters.length / shape.members;
  return Array.from({ length: shape.members }, (_, m) =>
    takeMember(parameters.subarray(m * each, (m + 1) * each), shape),
  );
}

function takeMember(parameters: Float32Array, { features, hidden, layers }: GcnShape): MemberParameters {
  let at = 0;
  const take = (length: number): Float32Array => parameters.subarray(at, (at += length));
  const taken = Array.from({ length: layers }, (_, l): LayerParameters => {
    const fanIn = l === 0 ? features : hidden;
    return {
      weightOut: take(fanIn * hidden),
      weightIn: take(fanIn * hidden),
      linearWeight: take(2 * hidden * hidden),
      linearBias: take(hidden),
      normGain: take(hidden),
      normBias: take(hidden),
    };
  });
  return { layers: taken, head: parameters.subarray(at) };
}

/** Parameters of an ensemble of one output, the sum of all heads with these weights (O). */
export function combineHeads(parameters: Float32Array, shape: GcnShape, weights: ArrayLike<number>): Float32Array {
  const outputs = weights.length;
  const { hidden, members } = shape;
  const body = parameters.length / members - hidden * outputs;
  const combined = new Float32Array(members * (body + hidden));
  takeParameters(parameters, shape).forEach(({ head }, m) => {
    combined.set(parameters.subarray(m * (body + hidden * outputs)).subarray(0, body), m * (body + hidden));
    for (let h = 0; h < hidden; ++h) {
      let sum = 0;
      for (let o = 0; o < outputs; ++o) if (weights[o] !== 0) sum += head[h * outputs + o]! * weights[o]!;
      combined[m * (body + hidden) + body + h] = sum;
    }
  });
  return combined;
}
