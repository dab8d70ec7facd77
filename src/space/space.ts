import { checkName, OptiProxyError } from '../errors.js';
import { native, type NativeSpace } from '../native.js';
import { complain, readAs, type Source } from '../yaml.js';
import { compileSpace } from './file/compile.js';
import { spaceSchema } from './file/schema.js';
import { checkGenes, distinctFrom, encodings, firstGenes } from './genes.js';
import { textCodec } from './text/index.js';
import { textContext, type TextContext } from './text/codec.js';
import { isomorphisms, type Isomorphism, type SearchSpace, type SpaceProgram } from './types.js';

export interface SpaceOptions {
  /** What counts as the same architecture; the file's own rule if left out. */
  isomorphism?: Isomorphism | undefined;
}

/** Longest text of an architecture that is read, for spaces of ordinary size. */
const MAX_TEXT = 10_000;

/** The space that a file describes. Throws `INVALID_ARGUMENT` naming file, line and key. */
export function createSpace(source: Source, options: SpaceOptions = {}): SearchSpace {
  checkOptions(options);
  const file = readAs(source, spaceSchema);
  const { id, description } = file;
  const isomorphism = checkName('isomorphism', options.isomorphism ?? file.isomorphism, isomorphisms);
  const { program, cells } = compileSpace(source, file, isomorphism);
  const context = textContext(id, program, () => example());
  const codec = textCodec(context, source, file.text, cells);
  const example = (): string => file.example ?? codec.format(firstGenes(program));

  const chained = program.genes.some(({ distinct }) => distinct >= 0);
  // A text of the largest architecture of a large space is not a mistake: of a gene it has a name of three parts and a value.
  const template = file.text.form === 'template' ? file.text.template.length : 0;
  const longest = Math.max(MAX_TEXT, 512 * program.genes.length + template);
  const parse = (architecture: unknown): Uint8Array => {
    if (typeof architecture !== 'string') return context.fail('', 'a string', architecture);
    if (architecture.length > longest) return context.fail('', `at most ${longest} characters`, architecture);
    const genes = codec.parse(architecture);
    if (chained) checkDistinct(program, genes, context);
    return genes;
  };
  const format = (genes: Uint8Array): string => {
    checkGenes(id, program, genes);
    return codec.format(genes);
  };
  checkExample(source, file.example, parse);
  return {
    id,
    description,
    source: file.source,
    size: encodings(program),
    isomorphism,
    program,
    example: example(),
    parse,
    format,
    keys: keysOf(program),
  };
}

/** A misspelt option must not be ignored. */
function checkOptions(options: unknown): void {
  const keys = typeof options === 'object' && options !== null ? Object.keys(options) : undefined;
  const unknown = keys?.find((key) => key !== 'isomorphism');
  if (keys === undefined || unknown !== undefined) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'options',
      expected: 'an object with the key isomorphism, or none',
      given: unknown ?? options,
    });
  }
}

/** Genes that must differ from others, as the inputs of one node do. */
function checkDistinct(program: SpaceProgram, values: Uint8Array, { fail }: TextContext): void {
  program.genes.forEach(({ name, choices, distinct, values: texts }, g) => {
    if (distinct < 0 || values[g] === choices) return;
    for (const other of distinctFrom(program, g))
      if (values[other] === values[g])
        fail(`, ${name}`, `another value than ${program.genes[other]!.name} has`, texts[values[g]!]);
  });
}

function checkExample(source: Source, example: string | undefined, parse: (text: string) => Uint8Array): void {
  if (example === undefined) return;
  try {
    parse(example);
  } catch (cause) {
    complain(source, ['example'], { expected: 'an architecture of the space', given: (cause as Error).message });
  }
}

/** Canonical keys; the native space is made when they are first asked for. */
function keysOf(program: SpaceProgram): (genes: Uint8Array) => Uint8Array {
  let space: NativeSpace | undefined;
  return (genes) => (space ??= new (native().Space)(program)).keys(genes);
}
