import { Presets, SingleBar } from 'cli-progress';
import type { Tally } from '../compare/engine.js';
import type { Objective, Progress } from '../study/types.js';

/** Shows how something goes that takes long. */
export interface ProgressView<P> {
  update(progress: P): void;
  stop(): void;
}

/** What a view shows. */
interface Shown {
  done: number;
  total: number;
  unit: string;
  /** Part of `done` that was there before the clock started. */
  before: number;
  /** Said beside the count: on a bar, and in a plain line. */
  bar: readonly string[];
  line: readonly string[];
}

/** Between two plain lines. */
const LINE_MS = 2000;

/** How a search goes: a live bar on a terminal, plain lines elsewhere, nothing when quiet. */
export function progressView(
  stream: NodeJS.WriteStream,
  { metric }: Objective,
  quiet: boolean,
): ProgressView<Progress> {
  return view(stream, quiet, ({ queries, budget, phase, best }) => {
    const value = best?.metrics?.[metric]?.toFixed(4) ?? '-';
    const [bar, line] = [`${metric} ${value}`, `best ${metric} ${value}`];
    return { done: queries, total: budget, unit: 'queries', before: 0, bar: [bar, phase], line: [line, phase] };
  });
}

/** The same for the runs of a comparison. */
export function runsView(stream: NodeJS.WriteStream, quiet: boolean): ProgressView<Tally> {
  return view(stream, quiet, ({ done, total, resumed }) => {
    return { done, total, unit: 'runs', before: resumed, bar: [], line: [] };
  });
}

function view<P>(stream: NodeJS.WriteStream, quiet: boolean, show: (progress: P) => Shown): ProgressView<P> {
  if (quiet) return { update() {}, stop() {} };
  return stream.isTTY ? barView(stream, show) : lineView(stream, show);
}

function timeLeft(start: number, { done, total, before }: Shown): string {
  if (done === before) return '?';
  const seconds = ((performance.now() - start) / 1000 / (done - before)) * (total - done);
  return seconds < 120
    ? `${Math.ceil(seconds)} s`
    : seconds < 7200
      ? `${Math.ceil(seconds / 60)} min`
      : `${(seconds / 3600).toFixed(1)} h`;
}

function barView<P>(stream: NodeJS.WriteStream, show: (progress: P) => Shown): ProgressView<P> {
  const start = performance.now();
  const bar = new SingleBar(
    {
      stream,
      format: `{bar} {value}/{total} {said} left`,
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  let started = false;
  return {
    update(progress) {
      const shown = show(progress);
      const { done, total, unit, bar: notes } = shown;
      const payload = { said: [unit, ...notes, timeLeft(start, shown)].join(' | ') };
      if (!started) bar.start(total, done, payload);
      started = true;
      bar.update(done, payload);
    },
    stop() {
      if (started) bar.stop();
    },
  };
}

function lineView<P>(stream: NodeJS.WriteStream, show: (progress: P) => Shown): ProgressView<P> {
  const start = performance.now();
  let last = start;
  return {
    update(progress) {
      const now = performance.now();
      if (now - last < LINE_MS) return;
      last = now;
      const shown = show(progress);
      const { done, total, unit, line } = shown;
      stream.write(`${[`${done}/${total} ${unit}`, ...line, `${timeLeft(start, shown)} left`].join(', ')}\n`);
    },
    stop() {},
  };
}
