import { OptiProxyError } from '../errors.js';
import { native, type ProxyKind } from '../native.js';

/** Where the networks can be asked to be computed: `auto` is a GPU where this build has CUDA and finds one, else the CPU. */
export const deviceNames = ['auto', 'cpu', 'cuda'] as const;
export type DeviceName = (typeof deviceNames)[number];

/** With what an ensemble is computed. */
export interface Compute {
  threads: number;
  device: 'cpu' | 'cuda';
}

/** The device for networks of a kind on graphs of so many nodes.  Throws `DEVICE_FAILED` for `cuda` where it cannot be used, `INVALID_ARGUMENT` for networks or graphs that it has no kernels for. */
export function chooseDevice(wanted: DeviceName, kind: ProxyKind, nodes: number): Compute['device'] {
  if (wanted === 'cpu') return 'cpu';
  const { usable, emulated, mostNodes, words, built } = native().info().cuda;
  if (wanted === 'auto') return usable && !emulated && kind === 'gcn' && nodes <= mostNodes ? 'cuda' : 'cpu';
  if (!usable) {
    throw new OptiProxyError('DEVICE_FAILED', {
      what: 'device',
      expected: 'a GPU that CUDA can use',
      given: built ? words : 'a build without CUDA',
      hint: built
        ? '`auto` takes the cpu where there is none'
        : 'docs/cuda.md says how to build it; `auto` takes the cpu',
    });
  }
  if (kind !== 'gcn') {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'device',
      expected: 'cpu or auto beside this proxy: only the gcn runs on a GPU',
      given: `cuda beside the proxy ${kind}`,
    });
  }
  if (nodes > mostNodes) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'device',
      expected: `cpu or auto for this space: graphs of at most ${mostNodes} nodes run on a GPU`,
      given: `cuda for ${nodes} nodes`,
    });
  }
  return 'cuda';
}
