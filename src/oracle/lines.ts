import { OptiProxyError } from '../errors.js';
import { readBytes, type Wanted } from './bytes.js';

/** Lines that follow each other, without their line feeds. */
export interface Lines {
  /** 1-based number of the first of them in the file. */
  readonly first: number;
  readonly lines: readonly string[];
}

/** Whole lines of a text file (UTF-8, optionally `.gz`), in batches.  Throws where a line is longer than `longest`. */
export async function* readLines(file: string, wanted: Wanted, longest: number): AsyncGenerator<Lines> {
  const decoder = new TextDecoder();
  let first = 1;
  let rest = '';
  const checked = (lines: string[], open: string): string[] => {
    const at = lines.findIndex((line) => line.length > longest);
    if (at >= 0 || open.length > longest) {
      throw new OptiProxyError('INVALID_TABLE', {
        what: `${file} line ${first + (at >= 0 ? at : lines.length)}`,
        expected: `lines of at most ${longest} characters`,
        given: 'a longer one',
        hint: `is this ${wanted.kind}?`,
      });
    }
    return lines;
  };
  for await (const piece of readBytes(file, wanted)) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop()!;
    yield { first, lines: checked(lines, rest) };
    first += lines.length;
  }
  rest += decoder.decode();
  if (rest !== '') yield { first, lines: checked([rest], '') };
}
