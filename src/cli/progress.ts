import { Presets, SingleBar } from 'cli-progress';
import type { Objective, Progress } from '../study/types.js';

/** Shows how a search goes. */
export interface ProgressView {
  update(progress: Progress): void;
  stop(): void;
}

/** Between two plain lines. */
const LINE_MS = 2000;

/** A live bar on a terminal, plain lines elsewhere, nothing when quiet. */
export function progressView(stream: NodeJS.WriteStream, objective: Objective, quiet: boolean): ProgressView {
  if (quiet) return { update() {}, stop() {} };
  return stream.isTTY ? barView(stream, objective) : lineView(stream, objective);
}

function best(progress: Progress, { metric }: Objective): string {
  const value = progress.best?.metrics?.[metric];
  return value === undefined ? '-' : value.toFixed(4);
}

function timeLeft(start: number, { queries, budget }: Progress): string {
  if (queries === 0) return '?';
  const seconds = ((performance.now() - start) / 1000 / queries) * (budget - queries);
  return seconds < 120
    ? `${Math.ceil(seconds)} s`
    : seconds < 7200
      ? `${Math.ceil(seconds / 60)} min`
      : `${(seconds / 3600).toFixed(1)} h`;
}

function barView(stream: NodeJS.WriteStream, objective: Objective): ProgressView {
  const start = performance.now();
  const bar = new SingleBar(
    {
      stream,
      format: `{bar} {value}/{total} queries | ${objective.metric} {best} | {phase} | {left} left`,
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  let started = false;
  return {
    update(progress) {
      const payload = { best: best(progress, objective), phase: progress.phase, left: timeLeft(start, progress) };
      if (!started) bar.start(progress.budget, progress.queries, payload);
      started = true;
      bar.update(progress.queries, payload);
    },
    stop() {
      if (started) bar.stop();
    },
  };
}

function lineView(stream: NodeJS.WriteStream, objective: Objective): ProgressView {
  const start = performance.now();
  let last = start;
  return {
    update(progress) {
      const now = performance.now();
      if (now - last < LINE_MS) return;
      last = now;
      const { queries, budget, phase } = progress;
      stream.write(
        `${queries}/${budget} queries, best ${objective.metric} ${best(progress, objective)}, ${phase}, ${timeLeft(start, progress)} left\n`,
      );
    },
    stop() {},
  };
}
