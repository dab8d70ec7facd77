import { OptiProxyError } from '../errors.js';
import type { NamedMethod } from '../search/methods.js';
import type { SearchSpace } from '../space/types.js';
import type { Ledger } from './ledger.js';
import { busy, checkAsk, type CheckedOptions } from './options.js';
import type { AskOptions, Metrics, Trial } from './types.js';

/** An architecture with what it measured elsewhere. */
export interface MeasuredElsewhere {
  architecture: string;
  metrics: Metrics;
}

/** Decides what a study asks for: what it was told to ask first, then what its method proposes. */
export class Asker {
  private asking = false;

  constructor(
    private readonly space: SearchSpace,
    private readonly checked: CheckedOptions,
    private readonly named: NamedMethod,
    private readonly ledger: Ledger,
  ) {}

  /** Throws `BUSY` while something is asked. */
  checkIdle(what: string): void {
    if (this.asking) throw busy(what, 'await the ask first');
  }

  /** See `Study.ask`. */
  async ask(count: number, options: AskOptions): Promise<Trial[]> {
    checkAsk(count, options);
    this.ledger.checkKept();
    if (this.asking) throw busy('ask', 'await the first, or ask for more at once');
    return this.alone(async () => {
      const { history, queue } = this.ledger;
      history.advance();
      if (queue.length > 0) return this.ledger.asked(await this.named.method.adopt(queue.slice(0, count), options));
      const { purpose, seed } = this.checked;
      const shown = purpose.shown(history, this.named, this.space, seed);
      return this.ledger.asked(await this.named.method.propose(count, shown, options));
    });
  }

  /** See `Study.enqueue`. */
  async enqueue(architectures: readonly string[]): Promise<number> {
    checkList('architectures', architectures, 'architectures', (one) => typeof one === 'string');
    const fresh = this.fresh(architectures);
    await this.checkPermitted(fresh.map(({ genes }) => genes));
    if (fresh.length > 0) this.ledger.enqueue(fresh.map(({ genes }) => genes));
    return fresh.length;
  }

  /** See `Study.warmStart`. */
  async warmStart(measured: readonly MeasuredElsewhere[]): Promise<number> {
    const isMeasured = (one: unknown): boolean => typeof (one as MeasuredElsewhere | null)?.architecture === 'string';
    checkList('measured', measured, '{ architecture, metrics } objects', isMeasured);
    this.checkIdle('warmStart');
    this.ledger.checkKept();
    const wanted = new Map(measured.map(({ architecture, metrics }) => [architecture, metrics]));
    const fresh = this.fresh([...wanted.keys()]);
    if (fresh.length === 0) return 0;
    return this.alone(async () => {
      // What cannot be told must not be asked.
      for (const { architecture } of fresh) this.ledger.checkAnswer(architecture, wanted.get(architecture)!);
      const trials = this.ledger.asked(await this.named.method.adopt(fresh.map(({ genes }) => genes)));
      trials.forEach(({ id }, i) => this.ledger.end(id, { state: 'complete', metrics: wanted.get(fresh[i]!.architecture)! })); // prettier-ignore
      return trials.length;
    });
  }

  /** Those that were never asked for and do not wait to be, each once.  Throws `INVALID_ARCHITECTURE`. */
  private fresh(architectures: readonly string[]): { architecture: string; genes: Uint8Array }[] {
    const { history, queue } = this.ledger;
    const all = Int32Array.from({ length: history.asked }, (_, i) => i + 1);
    const known = new Set(keysOf(this.space, [history.genesOf(all), ...queue]));
    const parsed = architectures.map((architecture) => ({ architecture, genes: this.space.parse(architecture) }));
    const keys = keysOf(this.space, parsed.map(({ genes }) => genes)); // prettier-ignore
    return parsed.filter((_, i) => !known.has(keys[i]!) && known.add(keys[i]!));
  }

  /** Throws `INVALID_ARGUMENT` for what may not be queried. */
  private async checkPermitted(genes: readonly Uint8Array[]): Promise<void> {
    const { known, pool } = this.checked;
    if (genes.length === 0) return;
    const listed = pool && new Set(keysOf(this.space, [pool]));
    const keys = keysOf(this.space, genes);
    const verdicts = await known.admits?.(Buffer.concat(genes), genes.length);
    const place = genes.findIndex((_, i) => listed?.has(keys[i]!) === false || verdicts?.[i] === 0);
    if (place < 0) return;
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: `architectures[${place}]`,
      expected: listed?.has(keys[place]!) === false ? 'one of the pool' : 'one that is known to meet the constraints',
      given: this.space.format(genes[place]!),
    });
  }

  private async alone<T>(work: () => Promise<T>): Promise<T> {
    this.asking = true;
    try {
      return await work();
    } finally {
      this.asking = false;
    }
  }
}

function checkList(what: string, given: unknown, expected: string, fits: (one: unknown) => boolean): void {
  const place = Array.isArray(given) ? given.findIndex((one) => !fits(one)) : undefined;
  if (place === -1) return;
  const wrong = place === undefined ? given : (given as unknown[])[place];
  throw new OptiProxyError('INVALID_ARGUMENT', { what: place === undefined ? what : `${what}[${place}]`, expected: `a list of ${expected}`, given: wrong }); // prettier-ignore
}

/** Texts of the keys of these, each of one or more architectures: two that are the same query have the same. */
function keysOf(space: SearchSpace, genes: readonly Uint8Array[]): string[] {
  const keys = Buffer.from(space.keys(new Uint8Array(Buffer.concat(genes)))).toString('latin1');
  return Array.from({ length: keys.length / 16 }, (_, i) => keys.slice(16 * i, 16 * i + 16));
}
