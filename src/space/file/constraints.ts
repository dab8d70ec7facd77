import { complain, type KeyPath } from '../../yaml.js';
import type { ValueCount } from '../program.js';
import type { ProgramBuilder } from './builder.js';
import type { SpaceFile } from './schema.js';

type Constraint = SpaceFile['constraints'][number];

export function compileConstraints(builder: ProgramBuilder, constraints: readonly Constraint[]): void {
  constraints.forEach((constraint, i) => {
    const path = ['constraints', i];
    if ('cell' in constraint) constrainCell(builder, path, constraint);
    else if ('count' in constraint) builder.count(countOf(builder, path, constraint));
    else builder.count(forbidden(builder, path, constraint.forbid));
  });
}

function constrainCell(
  builder: ProgramBuilder,
  path: KeyPath,
  constraint: Extract<Constraint, { cell: string }>,
): void {
  const section = builder.sectionOf(constraint.cell);
  if (section === undefined)
    return complain(builder.source, [...path, 'cell'], { expected: 'the name of a cell', given: constraint.cell });
  const { maxEdges, connected, inDegree } = constraint;
  if (maxEdges !== undefined) section.maxEdges = maxEdges;
  if (connected !== undefined) section.connected = connected;
  if (inDegree?.min !== undefined) section.minInDegree = inDegree.min;
  if (inDegree?.max !== undefined) section.maxInDegree = inDegree.max;
}

function countOf(
  builder: ProgramBuilder,
  path: KeyPath,
  { name, count }: Extract<Constraint, { name: string }>,
): ValueCount {
  const at = [...path, 'count'];
  const names = builder.geneNames();
  const chosen = new Set<number>();
  count.variables.forEach((pattern) => {
    const matches = names.filter((gene) => glob(pattern, gene));
    if (matches.length === 0) builder.find([...at, 'variables'], pattern);
    for (const gene of matches) chosen.add(builder.find(at, gene));
  });
  const terms = [...chosen]
    .map((gene) => ({
      gene,
      values: count.values.map((value) => builder.geneAt(gene).values.indexOf(value)).filter((value) => value >= 0),
    }))
    .filter(({ values }) => values.length > 0);
  const known = new Set([...chosen].flatMap((gene) => builder.geneAt(gene).values));
  const unknown = count.values.find((value) => !known.has(value));
  if (unknown !== undefined)
    complain(builder.source, [...at, 'values'], {
      expected: `values of the variables: ${[...known].join(', ')}`,
      given: unknown,
    });
  const min = count.min ?? 0;
  const max = count.max ?? terms.length;
  if (min > max || min > terms.length)
    complain(builder.source, [...at, 'min'], {
      expected: `a whole number up to ${Math.min(max, terms.length)}`,
      given: min,
    });
  return { name, terms, min, max };
}

function forbidden(
  builder: ProgramBuilder,
  path: KeyPath,
  forbid: Readonly<Record<string, readonly string[]>>,
): ValueCount {
  const terms = Object.entries(forbid).map(([name, values]) => {
    const at = [...path, 'forbid', name];
    const gene = builder.find(at, name);
    return { gene, values: builder.valuesOf(at, gene, values) };
  });
  const name = `not ${Object.entries(forbid)
    .map(([variable, values]) => `${variable}=${values.join('|')}`)
    .join(' with ')}`;
  return { name, terms, min: 0, max: terms.length - 1 };
}

/** Whether a name fits a pattern, in which "*" stands for any text. */
function glob(pattern: string, name: string): boolean {
  const [head, ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === name;
  if (!name.startsWith(head!)) return false;
  const tail = rest.pop()!;
  let at = head!.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - tail.length >= at && name.endsWith(tail);
}
