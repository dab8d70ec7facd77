import { isActive } from '../genes.js';
import { indexOf, type TextCodec, type TextContext } from './codec.js';

/** `depth=2 1.kernel=3`: the variables that are there, in gene order; read in any order. */
export class AssignmentsCodec implements TextCodec {
  private readonly byName: ReadonlyMap<string, number>;
  private readonly values: readonly ReadonlyMap<string, number>[];

  constructor(private readonly context: TextContext) {
    const { genes } = context.program;
    this.byName = indexOf(genes.map(({ name }) => name));
    this.values = genes.map(({ values }) => indexOf(values));
  }

  parse(text: string): Uint8Array {
    const { program, fail } = this.context;
    const given = this.read(text);
    const genes = new Uint8Array(program.genes.length);
    program.genes.forEach(({ name, choices }, g) => {
      const value = given.get(g);
      if (!isActive(program, g, genes)) {
        if (value !== undefined) {
          const parent = program.genes[program.genes[g]!.parent]!.name;
          fail(`, ${name}`, `no such variable, as it depends on ${parent}`, value);
        }
        genes[g] = choices;
        return;
      }
      if (value === undefined) return fail(`, ${name}`, 'a value', 'nothing');
      const index = this.values[g]!.get(value);
      if (index === undefined) return fail(`, ${name}`, `one of ${[...this.values[g]!.keys()].join(', ')}`, value);
      genes[g] = index;
    });
    return genes;
  }

  format(genes: Uint8Array): string {
    const parts: string[] = [];
    this.context.program.genes.forEach(({ name, values, choices }, g) => {
      if (genes[g]! < choices) parts.push(`${name}=${values[genes[g]!]!}`);
    });
    return parts.join(' ');
  }

  private read(text: string): Map<number, string> {
    const { fail } = this.context;
    const given = new Map<number, string>();
    for (const part of text.split(' ')) {
      const at = part.indexOf('=');
      if (at < 0) fail('', '"variable=value" with single spaces between', part === '' ? text : part);
      const name = part.slice(0, at);
      const gene = this.byName.get(name);
      if (gene === undefined) return fail('', 'a variable of the space', name);
      if (given.has(gene)) fail(`, ${name}`, 'one value', part);
      given.set(gene, part.slice(at + 1));
    }
    return given;
  }
}
