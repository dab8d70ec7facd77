import { Hindsight } from '../../statistics/hindsight.js';
import { PredictionWindow, type Prediction, type Quality } from '../../statistics/window.js';
import type { Trial } from '../types.js';
import type { Figures } from './round.js';

/** Sizes of the windows behind `Round.recent` and `Round.overall`. */
interface Sizes {
  readonly recent: number;
  readonly overall: number;
}

/** The predictions that were answered, in the order in which they count, and how they held at any moment of that. */
export class Answered {
  readonly recent: Hindsight;
  readonly overall: Hindsight;
  private readonly ids: number[] = [];

  /** `trials`: the study's own list, in which each that is added is complete. */
  constructor(
    private readonly trials: readonly Trial[],
    private readonly metric: string,
    sizes: Sizes,
  ) {
    const predictionAt = (place: number): Prediction => this.predictionAt(place);
    this.recent = new Hindsight(sizes.recent, predictionAt);
    this.overall = new Hindsight(sizes.overall, predictionAt);
  }

  get count(): number {
    return this.ids.length;
  }

  /** A complete trial; returns what was predicted of it, and measured. */
  add(id: number): Prediction {
    this.ids.push(id);
    return this.predictionAt(this.ids.length - 1);
  }

  predictionAt(place: number): Prediction {
    const { predicted, interval, metrics } = this.trials[this.ids[place]! - 1]!;
    return { predicted: predicted!, interval, value: metrics![this.metric]! };
  }

  /** How all of them hold now; `first`: place of the first of a round's own, once it is finished. */
  standing(first?: number): Figures {
    return new Standing(this, this.count, first);
  }
}

/** Figures that stay what they are when more is answered, each found when it is first looked at. */
class Standing implements Figures {
  private own: Quality | undefined;
  private latest: Quality | undefined;
  private all: Quality | undefined;

  constructor(
    private readonly answered: Answered,
    private readonly count: number,
    private readonly first: number | undefined,
  ) {}

  get batch(): Quality | null {
    if (this.first === undefined) return null;
    return (this.own ??= this.since(this.first));
  }

  get recent(): Quality {
    return (this.latest ??= this.answered.recent.quality(this.count));
  }

  get overall(): Quality {
    return (this.all ??= this.answered.overall.quality(this.count));
  }

  private since(first: number): Quality {
    const batch = new PredictionWindow(this.count - first);
    for (let place = first; place < this.count; ++place) batch.push(this.answered.predictionAt(place));
    return batch.quality();
  }
}
