import { complain, type Source } from '../../yaml.js';
import type { CellLayout } from '../file/layout.js';
import type { TextFile } from '../file/schema.js';
import { AssignmentsCodec } from './assignments.js';
import type { TextCodec, TextContext } from './codec.js';
import { GenotypeCodec } from './genotype.js';
import { MatrixCodec } from './matrix.js';
import { RecipeCodec } from './recipe.js';
import { checkSymbols } from './symbols.js';
import { TemplateCodec } from './template.js';

/** The codec of a space file's `text`. */
export function textCodec(
  context: TextContext,
  source: Source,
  file: TextFile,
  cells: readonly CellLayout[],
): TextCodec {
  const { length } = context.program.genes;
  const wrong = (expected: string): never => complain(source, ['text', 'form'], { expected, given: file.form });
  switch (file.form) {
    case 'template':
      return new TemplateCodec(context, source, file.template, file.symbols);
    case 'assignments':
      return new AssignmentsCodec(context);
    case 'matrix': {
      const [cell] = cells;
      if (cells.length !== 1 || cell?.on !== 'nodes' || cell.matrix === undefined)
        return wrong('another form, as this one is for a single cell of "nodes: NUMBER" and "edges: free"');
      const { operations, bits } = cell.matrix;
      if (operations.length + bits.length < length) return wrong('another form, as this one has no place for choices');
      checkSymbols(
        source,
        file.symbols,
        operations.map((gene) => context.program.genes[gene]!),
      );
      for (const gene of operations)
        for (const text of context.program.genes[gene]!.values)
          if (/[-|]/.test(file.symbols[text] ?? text))
            complain(source, ['text', 'symbols', text], {
              expected: `a symbol without "-" and "|" for the operation ${text}`,
              given: file.symbols[text] ?? 'none',
            });
      return new MatrixCodec(context, cell.matrix, file.symbols);
    }
    case 'genotype': {
      const all = cells.filter((cell) => cell.on === 'inputs');
      const genes = all.flatMap(({ nodes }) => nodes).reduce((n, { subset, operations }) => n + operations.length + Number(subset >= 0), 0); // prettier-ignore
      for (const text of [...all.map(({ name }) => name), ...all.flatMap(({ nodes }) => nodes.flatMap(({ operations }) => operations.flatMap((gene) => context.program.genes[gene]!.values)))]) // prettier-ignore
        if (!/^\w+$/.test(text) || text.endsWith('_concat'))
          complain(source, ['text', 'form'], { expected: 'letters, digits and underscores in the names of cells and operations that are written as a genotype', given: text }); // prettier-ignore
      return genes === length ? new GenotypeCodec(context, all) : wrong('another form, as this one is for cells "on: inputs" alone'); // prettier-ignore
    }
    case 'recipe': {
      const [cell] = cells;
      if (
        cells.length !== 1 ||
        cell?.on !== 'recurrent' ||
        context.program.nodes !== context.program.sections[0]!.nodes
      )
        return wrong('another form, as this one is for a single cell "on: recurrent"');
      // A recipe has no place for the numbers of vertices, by which encodings differ.
      if (context.program.isomorphism === 'encoding')
        complain(source, ['isomorphism'], { expected: 'graph, where architectures are written as recipes', given: 'encoding' }); // prettier-ignore
      return new RecipeCodec(context, cell);
    }
  }
}
