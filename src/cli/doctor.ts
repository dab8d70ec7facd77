import { availableParallelism } from 'node:os';
import { version } from '../metadata.js';
import { addonPath, native, type NativeInfo } from '../native.js';
import { runtimeVersion } from '../onnx/runtime.js';
import { sqliteVersion } from '../store/sqlite.js';
import { stdout } from './output.js';

/** An optional package. */
interface Peer {
  found: boolean;
  version?: string;
}

interface Report {
  schema: 1;
  version: string;
  node: string;
  platform: string;
  threads: number;
  addon: { path: string; loaded: boolean; error?: string } & Partial<NativeInfo>;
  onnxruntime: Peer;
  sqlite: Peer;
}

/** Runs `optiproxy doctor`: what this installation is made of; status 1 if the native addon does not load. */
export function doctor(json: boolean): number {
  const report: Report = {
    schema: 1,
    version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    threads: availableParallelism(),
    addon: inspectAddon(),
    onnxruntime: peerOf(runtimeVersion()),
    sqlite: peerOf(sqliteVersion()),
  };
  stdout(json ? `${JSON.stringify(report)}\n` : text(report));
  return report.addon.loaded ? 0 : 1;
}

function inspectAddon(): Report['addon'] {
  try {
    return { path: addonPath, loaded: true, ...native().info() };
  } catch (error) {
    return { path: addonPath, loaded: false, error: (error as Error).message };
  }
}

function peerOf(found: string | undefined): Peer {
  return found === undefined ? { found: false } : { found: true, version: found };
}

function cudaWords({ cuda }: Report['addon']): string {
  if (cuda === undefined) return 'unknown';
  if (!cuda.built) return 'not built (docs/cuda.md says how); networks are computed on the cpu';
  return cuda.usable ? cuda.words : `built, not used: ${cuda.words}; networks are computed on the cpu`;
}

function text({ addon, onnxruntime, sqlite, ...r }: Report): string {
  const rows: [string, string][] = [
    ['optiproxy', r.version],
    ['node', `${r.node} on ${r.platform}`],
    ['threads', String(r.threads)],
    ['addon', addon.loaded ? `${addon.path} (${addon.compiler})` : `does not load: ${addon.error}`],
    [
      'isa',
      addon.loaded
        ? `${addon.isa} (this machine can run ${addon.isas!.join(', ')}; OPTIPROXY_ISA forces one)`
        : 'unknown',
    ],
    ['cuda', cudaWords(addon)],
    [
      'onnxruntime',
      onnxruntime.found
        ? `onnxruntime-node ${onnxruntime.version}`
        : 'not found (optional: latency models need onnxruntime-node)',
    ],
    [
      'storage',
      sqlite.found ? `better-sqlite3 ${sqlite.version}` : 'not found (optional: --storage needs better-sqlite3)',
    ],
  ];
  return rows.map(([name, value]) => `${name.padEnd(12)} ${value}\n`).join('');
}
