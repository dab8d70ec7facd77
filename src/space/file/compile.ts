import { complain, type KeyPath, type Source } from '../../yaml.js';
import { isomorphismsOf, type Isomorphism, type SpaceProgram } from '../types.js';
import { ProgramBuilder } from './builder.js';
import { compileChain, compileGlobals } from './chain.js';
import { compileConstraints } from './constraints.js';
import { compileEdges } from './edges.js';
import { compileInputs } from './inputs.js';
import type { CellLayout } from './layout.js';
import { compileMatrix } from './matrix-nodes.js';
import { NamedNodes } from './named-nodes.js';
import { compileRecurrent } from './recurrent.js';
import type { NodesCellFile, SpaceFile } from './schema.js';

export interface Compiled {
  readonly program: SpaceProgram;
  readonly cells: readonly CellLayout[];
}

/** The program of a space file. Throws `INVALID_ARGUMENT` naming the place. */
export function compileSpace(source: Source, file: SpaceFile, isomorphism: Isomorphism): Compiled {
  const builder = new ProgramBuilder(source);
  const cellNames = Object.keys(file.cells);
  const globals = compileGlobals(builder, file.choices);
  if (file.chain.length > 0) compileChain(builder, file.chain, globals);
  const cells = cellNames.map((name) => {
    const prefix = cellNames.length > 1 || file.chain.length > 0 ? `${name}.` : '';
    return compileCell(builder, ['cells', name], name, prefix, file.cells[name]!);
  });
  compileConstraints(builder, file.constraints);
  const program = builder.finish(isomorphism);
  const known = isomorphismsOf(program);
  if (!known.includes(isomorphism))
    complain(source, ['isomorphism'], { expected: `one of ${known.join(', ')} for this space`, given: isomorphism });
  return { program, cells };
}

function compileCell(
  builder: ProgramBuilder,
  path: KeyPath,
  name: string,
  prefix: string,
  cell: SpaceFile['cells'][string],
): CellLayout {
  switch (cell.on) {
    case 'edges':
      return compileEdges(builder, path, name, prefix, cell);
    case 'inputs':
      return compileInputs(builder, path, name, prefix, cell);
    case 'recurrent':
      return compileRecurrent(builder, path, name, prefix, cell);
    case 'nodes':
      return isMatrix(cell)
        ? compileMatrix(builder, path, name, prefix, cell)
        : new NamedNodes(builder, path, name, prefix, cell as never).compile();
  }
}

const isMatrix = (cell: NodesCellFile): cell is NodesCellFile & { nodes: number } => typeof cell.nodes === 'number';
