import { OptiProxyError } from '../errors.js';
import type { NamedMethod } from '../search/methods.js';
import { keysOf } from '../space/keys.js';
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
    const waiting = (): readonly Uint8Array[] => this.ledger.queue;
    await this.checkPermitted(this.fresh(architectures, waiting()).map(({ genes }) => genes));
    const fresh = this.fresh(architectures, waiting()); // others may have been faster
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
    const fresh = this.fresh([...wanted.keys()], []);
    if (fresh.length === 0) return 0;
    return this.alone(async () => {
      // What cannot be told must not be asked.
      const genes = fresh.map((one) => one.genes);
      const known = await this.checked.known.describe?.(genes);
      fresh.forEach(({ architecture }, i) => this.ledger.checkAnswer(architecture, wanted.get(architecture)!, known?.[i])); // prettier-ignore
      const proposals = await this.named.method.adopt(genes);
      this.ledger.measured(proposals, fresh.map(({ architecture }) => wanted.get(architecture)!)); // prettier-ignore
      return proposals.length;
    });
  }

  /** Those that wait for no answer and have none, and are not among `others`, each once.  Throws `INVALID_ARCHITECTURE`. */
  private fresh(
    architectures: readonly string[],
    others: readonly Uint8Array[],
  ): { architecture: string; genes: Uint8Array }[] {
    const { history, trials } = this.ledger;
    // What ended without an answer may be wanted again.
    const answered = trials.all.filter(({ state }) => state !== 'failed' && state !== 'aborted');
    const all = Int32Array.from(answered, ({ id }) => id);
    const known = new Set(keysOf(this.space, [history.genesOf(all), ...others]));
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
    } catch (error) {
      this.ledger.checkOpen(); // what was closed meanwhile fails in its own words
      throw error;
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
