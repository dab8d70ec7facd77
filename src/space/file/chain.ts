import { complain, type KeyPath } from '../../yaml.js';
import type { ProgramBuilder } from './builder.js';
import type { ChoiceFile, StageFile } from './schema.js';

type Condition = { readonly gene: number; readonly values: readonly number[] } | undefined;

/** Choices that concern the whole network: a node each, joined to where the chain begins. */
export function compileGlobals(builder: ProgramBuilder, choices: Readonly<Record<string, ChoiceFile>>): number[] {
  return Object.keys(choices).map((name) => {
    const node = builder.node(name);
    builder.fix(node, `:${name}`);
    builder.use(declare(builder, ['choices', name], '', name, choices[name]!, undefined), node, `${name}=`);
    return node;
  });
}

/** A chain of blocks: an input, the blocks of every stage one after the other, an output. */
export function compileChain(builder: ProgramBuilder, stages: readonly StageFile[], globals: readonly number[]): void {
  const input = builder.node('input');
  builder.fix(input, ':input');
  for (const node of globals) builder.edge({ from: node, to: input });
  // Blocks that the next one may follow, each with the condition under which it does.
  let tails: { node: number; condition: Condition }[] = [{ node: input, condition: undefined }];
  stages.forEach((stage, s) => {
    tails = compileStage(builder, ['chain', s], stage, tails);
  });
  const output = builder.node('output');
  builder.fix(output, ':output');
  join(builder, tails, output);
}

function compileStage(
  builder: ProgramBuilder,
  path: KeyPath,
  stage: StageFile,
  before: { node: number; condition: Condition }[],
): { node: number; condition: Condition }[] {
  const { stage: name, depth, repeat, choices, share } = stage;
  if (depth !== undefined && repeat !== undefined)
    complain(builder.source, [...path, 'repeat'], { expected: 'either depth or repeat', given: repeat });
  const depths = depth ?? [repeat ?? 1];
  const least = depths[0]!;
  const most = depths.at(-1)!;
  const nodes = Array.from({ length: most }, (_, b) => builder.node(most === 1 ? name : `${name}.${b + 1}`));
  const depthGene =
    depth === undefined
      ? -1
      : builder.gene([...path, 'depth'], { name: `${name}.depth`, values: depths.map(String), node: nodes[0]! });
  if (depthGene >= 0) builder.use(depthGene, nodes[0]!, `${name}.depth=`);
  const shared = share ? declareAll(builder, path, `${name}.`, choices, undefined) : undefined;
  nodes.forEach((node, b) => {
    builder.fix(node, `:${name}.${b + 1}`);
    const condition: Condition =
      b < least ? undefined : { gene: depthGene, values: depths.flatMap((d, v) => (d > b ? [v] : [])) };
    const prefix = most === 1 ? `${name}.` : `${name}.${b + 1}.`;
    const genes = shared ?? declareAll(builder, path, prefix, choices, condition);
    genes.forEach((gene, i) => builder.use(gene, node, `${Object.keys(choices)[i]!}=`));
    if (b === 0) join(builder, before, node);
    else builder.edge({ from: nodes[b - 1]!, to: node, ...condition });
  });
  return depths.map((d, v) => ({
    node: nodes[d - 1]!,
    condition: depths.length === 1 ? undefined : { gene: depthGene, values: [v] },
  }));
}

function join(builder: ProgramBuilder, tails: readonly { node: number; condition: Condition }[], to: number): void {
  for (const { node, condition } of tails) builder.edge({ from: node, to, ...condition });
}

function declareAll(
  builder: ProgramBuilder,
  path: KeyPath,
  prefix: string,
  choices: Readonly<Record<string, ChoiceFile>>,
  condition: Condition,
): number[] {
  return Object.keys(choices).map((name) =>
    declare(builder, [...path, 'choices', name], prefix, name, choices[name]!, condition),
  );
}

/** One choice. One with a `when` follows a choice beside it, which is there while the block is. */
function declare(
  builder: ProgramBuilder,
  path: KeyPath,
  prefix: string,
  name: string,
  { values, when }: ChoiceFile,
  condition: Condition,
): number {
  const parent =
    when !== undefined
      ? beside(builder, [...path, 'when'], prefix, when)
      : condition === undefined
        ? {}
        : { parent: condition.gene, when: condition.values };
  return builder.gene(path, { name: `${prefix}${name}`, values, ...parent });
}

function beside(
  builder: ProgramBuilder,
  path: KeyPath,
  prefix: string,
  when: Readonly<Record<string, readonly string[]>>,
): { parent: number; when: readonly number[] } {
  const name = Object.keys(when)[0]!;
  const known = builder.geneNames().filter((gene) => gene.startsWith(prefix)).map((gene) => gene.slice(prefix.length)); // prettier-ignore
  if (!known.includes(name))
    complain(builder.source, [...path, name], {
      expected: `a choice before this one and beside it${known.length === 0 ? '' : `: one of ${known.join(', ')}`}`,
      given: name,
    });
  return builder.condition(path, when, prefix);
}
