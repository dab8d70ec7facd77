/** Reads a text piece by piece; spaces before a piece do not count. */
export class Cursor {
  at = 0;

  constructor(
    private readonly text: string,
    private readonly fail: (at: number, expected: string) => never,
  ) {}

  sees(piece: string): boolean {
    this.skip();
    return this.text.startsWith(piece, this.at);
  }

  take(piece: string): void {
    if (!this.sees(piece)) this.fail(this.at, JSON.stringify(piece));
    this.at += piece.length;
  }

  /** Items with commas between, one behind the last is allowed. */
  list(open: string, close: string, item: () => void): void {
    this.take(open);
    while (!this.sees(close)) {
      item();
      if (!this.sees(close)) this.take(',');
    }
    this.take(close);
  }

  word(): string {
    return this.matching(/\w+/y, 'a name');
  }

  /** At most three digits: nothing that is counted here has more. */
  integer(): number {
    return Number(this.matching(/\d{1,3}(?!\d)/y, 'a whole number'));
  }

  quoted(): string {
    return this.matching(/'[^']*'|"[^"]*"/y, 'a name in quotes').slice(1, -1);
  }

  end(): void {
    this.skip();
    if (this.at < this.text.length) this.fail(this.at, 'the end');
  }

  private skip(): void {
    while (this.text[this.at] === ' ') this.at += 1;
  }

  private matching(pattern: RegExp, expected: string): string {
    this.skip();
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) return this.fail(this.at, expected);
    this.at += found.length;
    return found;
  }
}
