import type { Gene } from '../program.js';
import { textsOf, type Symbols } from './symbols.js';

/** The place of one variable in a template. */
export class Slot {
  readonly name: string;
  readonly parent: number;
  readonly when: readonly number[];
  readonly choices: number;
  /** (choices) */
  readonly texts: readonly string[];
  /** Values whose text begins with a character, longest text first. */
  private readonly byCharacter = new Map<number, number[]>();

  constructor(
    readonly gene: number,
    file: Gene,
    symbols: Symbols,
  ) {
    const { name, parent, when, choices } = file;
    this.name = name;
    this.parent = parent;
    this.when = when;
    this.choices = choices;
    this.texts = textsOf(file, symbols);
    const longest = this.texts.map((_, value) => value).sort((a, b) => this.texts[b]!.length - this.texts[a]!.length);
    for (const value of longest) {
      const character = this.texts[value]!.charCodeAt(0);
      const list = this.byCharacter.get(character);
      if (list === undefined) this.byCharacter.set(character, [value]);
      else list.push(value);
    }
  }

  /** The value whose text stands at a place, or -1. */
  read(text: string, at: number): number {
    const candidates = this.byCharacter.get(text.charCodeAt(at));
    if (candidates !== undefined)
      for (const value of candidates) if (text.startsWith(this.texts[value]!, at)) return value;
    return -1;
  }
}
