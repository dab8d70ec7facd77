import { complain, type Source } from '../../yaml.js';
import { isActive } from '../genes.js';
import type { SpaceProgram } from '../types.js';
import type { TextCodec, TextContext } from './codec.js';
import { Slot } from './slot.js';
import { checkSymbols, type Symbols } from './symbols.js';

type Piece = string | Slot;

/** Where a text stops to fit, and the piece that it does not fit there; one past the last is the end. */
interface Misfit {
  readonly at: number;
  readonly index: number;
}

/** Text with a place for each variable. */
export class TemplateCodec implements TextCodec {
  private readonly pieces: readonly Piece[];
  /** Genes before the text is read: one for each value of the variable that it leaves out. */
  private readonly starts: readonly Uint8Array[];
  private readonly program: SpaceProgram;

  constructor(
    private readonly context: TextContext,
    private readonly source: Source,
    template: string,
    symbols: Symbols,
  ) {
    this.program = context.program;
    checkSymbols(source, symbols, context.program.genes);
    this.pieces = this.cut(template, symbols);
    this.checkPieces();
    this.starts = this.leftOut();
  }

  parse(text: string): Uint8Array {
    let furthest: Misfit | undefined;
    for (const start of this.starts) {
      const genes = start.slice();
      const misfit = this.match(text, genes);
      if (misfit === undefined) return genes;
      if (furthest === undefined || misfit.at > furthest.at) furthest = misfit;
    }
    return this.refuse(text, furthest!);
  }

  format(genes: Uint8Array): string {
    // Joined, as a string that grows by "+" is kept as a tree of its pieces, twice the size: a search keeps every text.
    const texts = this.pieces.map((piece) =>
      typeof piece === 'string' ? piece : (piece.texts[genes[piece.gene]!] ?? ''),
    );
    return texts.join('');
  }

  /** Reads a text into genes; where it stops to fit, or undefined. */
  private match(text: string, genes: Uint8Array): Misfit | undefined {
    const { pieces } = this;
    let at = 0;
    for (let index = 0; index < pieces.length; ++index) {
      const piece = pieces[index]!;
      if (typeof piece === 'string') {
        if (!text.startsWith(piece, at)) return { at, index };
        at += piece.length;
        continue;
      }
      const { gene } = piece;
      if (piece.parent >= 0 && !piece.when.includes(genes[piece.parent]!)) {
        genes[gene] = piece.choices;
        continue;
      }
      const value = piece.read(text, at);
      if (value < 0) return { at, index };
      genes[gene] = value;
      at += piece.texts[value]!.length;
    }
    return at === text.length ? undefined : { at, index: pieces.length };
  }

  private refuse(text: string, { at, index }: Misfit): never {
    const rest = text.slice(at);
    const place = `character ${at + 1}`;
    const piece = this.pieces[index];
    if (typeof piece !== 'object') {
      const before = this.pieces[index - 1];
      const behind = typeof before === 'object' ? ` behind ${before.name}` : '';
      return this.context.fail(`, ${place}${behind}`, piece === undefined ? 'the end' : JSON.stringify(piece), rest);
    }
    const next = this.pieces[index + 1];
    const end = typeof next === 'string' ? text.indexOf(next, at) : -1;
    const given = end < 0 ? rest : text.slice(at, end);
    return this.context.fail(`, ${piece.name} at ${place}`, `one of ${piece.texts.join(', ')}`, given);
  }

  private wrong(expected: string, given: unknown): never {
    const content = this.source.content as { text: unknown };
    return complain(this.source, typeof content.text === 'string' ? ['text'] : ['text', 'template'], {
      expected,
      given,
    });
  }

  private cut(template: string, symbols: Symbols): Piece[] {
    const used = new Set<string>();
    return template
      .split(/\{([^{}]*)\}/)
      .map((text, i) => {
        if (i % 2 === 0) return text;
        const gene = this.program.genes.findIndex(({ name }) => name === text);
        if (gene < 0) this.wrong(`variables in braces: ${this.program.genes.map(({ name }) => name).join(', ')}`, text);
        if (used.has(text)) this.wrong('every variable once', text);
        used.add(text);
        return new Slot(gene, this.program.genes[gene]!, symbols);
      })
      .filter((piece) => piece !== '');
  }

  /** Every text must have one reading, and it must be found without looking back. */
  private checkPieces(): void {
    const seen = new Set<number>();
    const slots = this.pieces.filter((piece) => typeof piece !== 'string');
    this.pieces.forEach((piece, i) => {
      if (typeof piece === 'string') return;
      if (slots.some(({ gene }) => gene === piece.parent) && !seen.has(piece.parent))
        this.wrong(`${this.program.genes[piece.parent]!.name} before ${piece.name}, which depends on it`, piece.name);
      seen.add(piece.gene);
      const next = this.pieces[i + 1];
      for (const short of piece.texts)
        for (const long of piece.texts) {
          if (short === long || !long.startsWith(short)) continue;
          const apart = next === undefined || (typeof next === 'string' && next[0] !== long[short.length]);
          if (!apart) this.wrong(`text behind {${piece.name}} that tells its values apart`, `${short} and ${long}`);
        }
    });
  }

  /** Variables that the text leaves out must follow from which others are there. */
  private leftOut(): Uint8Array[] {
    const { genes } = this.program;
    const inText = new Set(this.pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.gene])));
    let starts = [new Uint8Array(genes.length)];
    genes.forEach((gene, g) => {
      if (inText.has(g)) return;
      const below = genes.filter(({ parent }, c) => parent === g && inText.has(c));
      const pictures = Array.from({ length: gene.choices }, (_, value) =>
        below.map(({ when }) => Number(when.includes(value))).join(''),
      );
      if (inText.has(gene.parent) || new Set(pictures).size < pictures.length)
        this.wrong(`{${gene.name}}: it does not follow from which others are there`, 'no such place');
      // Of several that are left out, one might make up for another.
      if (starts.length > 1) this.wrong('one variable at most that the text leaves out', gene.name);
      starts = starts.flatMap((start) =>
        isActive(this.program, g, start)
          ? pictures.map((_, value) => Uint8Array.from(start, (old, i) => (i === g ? value : old)))
          : [Uint8Array.from(start, (old, i) => (i === g ? gene.choices : old))],
      );
    });
    return starts;
  }
}
