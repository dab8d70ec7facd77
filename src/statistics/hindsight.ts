import { PredictionWindow, type Prediction, type Quality } from './window.js';

/**
 * How well the latest `size` predictions held at any moment of a log, found when somebody asks: to keep it up to date costs
 * O(size) for each, and of a long search hardly any is ever looked at.
 */
export class Hindsight {
  private window: PredictionWindow;

  /** `predictionAt`: number `place` (0, 1, 2...) of the log, always the same. */
  constructor(
    private readonly size: number,
    private readonly predictionAt: (place: number) => Prediction,
  ) {
    this.window = new PredictionWindow(size);
  }

  /** After the first `count` of the log. */
  quality(count: number): Quality {
    // A step changes the pairs of two predictions, and to begin anew costs all pairs once.
    const near = Math.abs(count - this.window.count) <= this.size / 4;
    if (!near) this.window = PredictionWindow.after(count, this.size, this.predictionAt);
    while (this.window.count < count) this.window.push(this.predictionAt(this.window.count));
    while (this.window.count > count) {
      const gone = this.window.count - 1 - this.size;
      this.window.pop(gone < 0 ? undefined : this.predictionAt(gone));
    }
    return this.window.quality();
  }
}
