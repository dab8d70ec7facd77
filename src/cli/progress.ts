import { Presets, SingleBar } from 'cli-progress';
import type { Tally } from '../compare/engine.js';
import type { Objective, Progress, Warning } from '../study/types.js';
import { printLine } from './output.js';

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
  /** Those that began so far. */
  warnings: readonly Warning[];
}

/** Between two plain lines. */
const LINE_MS = 2000;

/** How a search goes: a live bar on a terminal, plain lines elsewhere, nothing when quiet. `before`: what was spent when it began. */
export function progressView(
  stream: NodeJS.WriteStream,
  { metric }: Objective,
  quiet: boolean,
  before = 0,
): ProgressView<Progress> {
  return view(stream, quiet, ({ spent, screened, budget, phase, best, recent, warnings }) => {
    const value = best?.metrics?.[metric]?.toFixed(4) ?? '-';
    const notes = [
      ...(screened > 0 ? [`${screened} screened`] : []),
      ...(typeof recent?.tau === 'number' ? [`tau ${recent.tau.toFixed(2)}`] : []),
      phase,
    ];
    const [bar, line] = [
      [`${metric} ${value}`, ...notes],
      [`best ${metric} ${value}`, ...notes],
    ];
    return { done: Number(spent.toFixed(1)), total: budget, unit: 'queries', before, bar, line, warnings };
  });
}

/** The same for what is only counted. */
export function tallyView(stream: NodeJS.WriteStream, unit: string, quiet: boolean): ProgressView<Tally> {
  return view(stream, quiet, ({ done, total, resumed }) => {
    return { done, total, unit, before: resumed, bar: [], line: [], warnings: [] };
  });
}

/** The same for what tells the part that is done, 0..1. */
export function partView(stream: NodeJS.WriteStream, quiet: boolean): ProgressView<number> {
  return view(stream, quiet, (part) => {
    return { done: Math.floor(100 * part), total: 100, unit: '%', before: 0, bar: [], line: [], warnings: [] };
  });
}

function view<P>(stream: NodeJS.WriteStream, quiet: boolean, show: (progress: P) => Shown): ProgressView<P> {
  if (quiet) return { update() {}, stop() {} };
  return stream.isTTY ? barView(stream, show) : lineView(stream, show);
}

/** Writes each warning of a search once, as a line of its own. */
function warningLines(stream: NodeJS.WriteStream, makeRoom: () => void): (warnings: readonly Warning[]) => void {
  let written = 0;
  return (warnings) => {
    for (; written < warnings.length; ++written) {
      const { code, message, hint } = warnings[written]!;
      makeRoom();
      printLine(stream, `warning ${code}: ${message} (hint: ${hint})`);
    }
  };
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
  const warn = warningLines(stream, () => {
    stream.cursorTo(0);
    stream.clearLine(0);
  });
  return {
    update(progress) {
      const shown = show(progress);
      const { done, total, unit, bar: notes } = shown;
      const payload = { said: [unit, ...notes, timeLeft(start, shown)].join(' | ') };
      warn(shown.warnings);
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
  const warn = warningLines(stream, () => {});
  return {
    update(progress) {
      const shown = show(progress);
      warn(shown.warnings);
      const now = performance.now();
      if (now - last < LINE_MS) return;
      last = now;
      const { done, total, unit, line } = shown;
      stream.write(`${[`${done}/${total} ${unit}`, ...line, `${timeLeft(start, shown)} left`].join(', ')}\n`);
    },
    stop() {},
  };
}
