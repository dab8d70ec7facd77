import { complain, type Source } from '../../yaml.js';
import type { Gene } from '../program.js';

/** What stands for a value in the text; the value itself where it is not named here. */
export type Symbols = Readonly<Record<string, string>>;

export function textsOf({ values }: Gene, symbols: Symbols): string[] {
  return values.map((value) => (Object.hasOwn(symbols, value) ? symbols[value]! : value));
}

/** Every symbol stands for a value, and every value of a variable has a text of its own. */
export function checkSymbols(source: Source, symbols: Symbols, genes: readonly Gene[]): void {
  const path = ['text', 'symbols'];
  const known = new Set(genes.flatMap(({ values }) => values));
  for (const value of Object.keys(symbols))
    if (!known.has(value)) complain(source, [...path, value], { expected: 'a value of a variable', given: value });
  for (const gene of genes) {
    const texts = textsOf(gene, symbols);
    if (new Set(texts).size < texts.length)
      complain(source, path, { expected: `a text of its own for each value of ${gene.name}`, given: texts.join(', ') });
  }
}
