import type { Command } from 'commander';
import { addMeasure } from './latency-measure.js';

/** Adds `optiproxy latency`. */
export function addLatency(program: Command, finish: (status: number) => void): void {
  const group = program.command('latency').description('latencies of architectures on this machine');
  addMeasure(group, finish);
}
