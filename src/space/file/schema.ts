import { z } from 'zod';
import { strict } from '../../yaml.js';
import { isomorphisms } from '../types.js';

/** Longest name or value: architectures are lines that one reads. */
const MAX_LENGTH = 100;
const short = `at most ${MAX_LENGTH} characters`;

/** Names of cells, stages, nodes and choices. No name is a number, so that maps keep the order of the file. */
const name = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name of letters, digits and "_" that begins with a letter')
  .max(MAX_LENGTH, short);

/** One value of a variable: text without spaces and "=", or a number. */
const value = z
  .union([
    z
      .string()
      .regex(/^[^\s=]+$/, 'text without spaces and "="')
      .max(MAX_LENGTH, short),
    z.number(),
    z.boolean(),
  ])
  .transform(String)
  .refine((text) => text !== 'absent', 'another value than "absent", which is what "optional: true" adds');

const values = z
  .array(value)
  .min(1, 'at least one value')
  .max(255, 'at most 255 values')
  .refine((list) => new Set(list).size === list.length, 'values that differ from each other');

const some = z.union([value.transform((one) => [one]), values]);
const upTo = (most: number) => z.number().int('a whole number').min(0, 'a whole number from 0').max(most, `a whole number from 0 to ${most}`); // prettier-ignore
const positive = z.number().int('a whole number').min(1, 'a whole number from 1');
/** Sizes of cells and chains; what they are made of is counted when they are compiled. */
const size = positive.max(64, 'a whole number from 1 to 64');
const blocks = positive.max(250, 'a whole number from 1 to 250');
const names = z.union([name.transform((one) => [one]), z.array(name).min(1, 'at least one name')]);

/** One variable and the values of it under which something is there. */
const when = z
  .record(z.string(), some)
  .refine((map) => Object.keys(map).length === 1, 'one variable and its values, like {kind: [a, b]}');

const choice = z.union([values.transform((list) => ({ values: list, when: undefined })), strict({ values, when })]);

const edgesCell = strict({
  on: z.literal('edges'),
  vertices: positive.min(2, 'a whole number from 2 to 8').max(8, 'a whole number from 2 to 8'),
  operations: values,
  zero: value.optional(),
  identity: value.optional(),
});

const pair = z.tuple([name, name], 'two nodes, like [a, b]');

const nodeInputs = z.union([
  strict({ choose: positive, of: z.array(name).min(1, 'at least one node') }),
  strict({
    slots: positive.max(3, 'a whole number from 1 to 3'),
    of: z.array(name).min(1, 'at least one node'),
    ordered: z.union([z.boolean(), values]).default(true),
  }),
]);

const node = strict({
  operations: values.optional(),
  same_as: name.optional(),
  inputs: nodeInputs.optional(),
  optional: z.boolean().default(false),
  when: when.optional(),
});

const nodesCell = strict({
  on: z.literal('nodes'),
  nodes: z.union([
    positive.min(2, 'a whole number from 2 to 16').max(16, 'a whole number from 2 to 16'),
    z.record(name, node.nullable()),
  ]),
  operations: values.optional(),
  edges: z
    .union([z.literal('free'), strict({ fixed: z.array(pair).default([]), free: z.array(pair).default([]) })])
    .default({ fixed: [], free: [] }),
  input: names.optional(),
  output: names.optional(),
  prune: z.boolean().default(false),
});

const inputsCell = strict({
  on: z.literal('inputs'),
  inputs: size,
  nodes: size,
  choose: size,
  operations: values,
});

const recurrentCell = strict({
  on: z.literal('recurrent'),
  vertices: size,
  inputs: z.array(name).min(1, 'at least one name'),
  states: size,
  operations: z.record(
    name,
    strict({
      inputs: positive.max(3, 'a whole number from 1 to 3'),
      ordered: z.boolean().default(false),
      recipe: z.string().min(1).optional(),
    }),
  ),
});

const cell = z.discriminatedUnion('on', [edgesCell, nodesCell, inputsCell, recurrentCell]);

const stage = strict({
  stage: name,
  repeat: blocks.optional(),
  depth: z
    .array(blocks)
    .min(1, 'at least one depth')
    .refine((list) => list.every((d, i) => i === 0 || d > list[i - 1]!), 'depths in ascending order')
    .optional(),
  choices: z.record(name, choice).default({}),
  share: z.boolean().default(false),
});

const constraint = z.union([
  strict({
    cell: name,
    maxEdges: upTo(65_536).optional(),
    connected: z.boolean().optional(),
    inDegree: strict({ min: upTo(256).optional(), max: upTo(256).optional() }).optional(),
  }),
  strict({
    name: z.string().min(1),
    count: strict({
      variables: z.union([z.string().transform((one) => [one]), z.array(z.string()).min(1)]),
      values: some,
      min: upTo(4096).optional(),
      max: upTo(4096).optional(),
    }),
  }),
  strict({ forbid: z.record(z.string(), some).refine((map) => Object.keys(map).length > 0, 'at least one variable') }),
]);

const symbols = z
  .record(z.string(), z.union([z.string().min(1, 'a text').max(MAX_LENGTH, short), z.number()]).transform(String))
  .default({});

const textForm = z.union([
  z
    .string()
    .min(1, 'a template')
    .transform((template) => ({ form: 'template' as const, template, symbols: {} })),
  z.discriminatedUnion('form', [
    strict({ form: z.literal('template'), template: z.string().min(1, 'a template'), symbols }),
    strict({ form: z.literal('assignments') }),
    strict({ form: z.literal('matrix'), symbols }),
    strict({ form: z.literal('genotype') }),
    strict({ form: z.literal('recipe') }),
  ]),
]);

/** A search space as a file says it: docs/spaces.md is its reference. */
export const spaceSchema = strict({
  schema: z.literal(1),
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'an id of letters, digits, "_" and "-"'),
  description: z.string().min(1, 'a sentence'),
  source: z.string().min(1, 'where the space comes from').default('not stated'),
  isomorphism: z.enum(isomorphisms).default('encoding'),
  choices: z.record(name, choice).default({}),
  cells: z.record(name, cell).default({}),
  chain: z.array(stage).default([]),
  constraints: z.array(constraint).default([]),
  text: textForm.default({ form: 'assignments' }),
  example: z.string().min(1).optional(),
});

export type SpaceFile = z.output<typeof spaceSchema>;
export type EdgesCellFile = z.output<typeof edgesCell>;
export type NodesCellFile = z.output<typeof nodesCell>;
export type NodeFile = z.output<typeof node>;
export type InputsCellFile = z.output<typeof inputsCell>;
export type RecurrentCellFile = z.output<typeof recurrentCell>;
export type ChoiceFile = z.output<typeof choice>;
export type StageFile = z.output<typeof stage>;
export type WhenFile = z.output<typeof when>;
export type TextFile = z.output<typeof textForm>;
/** A file as one writes it, for `defineSpace`. */
export type SpaceDefinition = z.input<typeof spaceSchema>;
