/** Goes on, and off again, when evidence has spoken for it, or against it, without a break for long enough. */
export class Alarm {
  private on = false;
  private streak = 0;

  /** `start` and `end`: weight of the unbroken evidence that it takes. */
  constructor(
    private readonly start: number,
    private readonly end: number,
  ) {}

  /** Whether this evidence sets it off: true once an onset. */
  judge(holds: boolean, weight = 1): boolean {
    this.streak = holds === this.on ? 0 : this.streak + weight;
    if (this.streak < (this.on ? this.end : this.start)) return false;
    this.on = holds;
    this.streak = 0;
    return holds;
  }
}
