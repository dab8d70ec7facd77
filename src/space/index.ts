import { checkName } from '../errors.js';
import { builtIn, loadSpace } from './load.js';
import type { SpaceOptions } from './space.js';
import type { SearchSpace } from './types.js';

/** The built-in search spaces; docs/spaces has a page on each. */
export const spaces = {
  /** Digits-201: the cells of NAS-Bench-201, each really trained on 8x8 handwritten digits; its table ships in the package. */
  digits201: (options?: SpaceOptions): SearchSpace => builtIn('digits201', options),
  /** NAS-Bench-201: cells of four nodes and six edges, five operations an edge. */
  nasbench201: (options?: SpaceOptions): SearchSpace => builtIn('nasbench201', options),
  /** NAS-Bench-101: graphs of up to seven nodes and nine edges, three operations. */
  nasbench101: (options?: SpaceOptions): SearchSpace => builtIn('nasbench101', options),
  /** NAS-Bench-301: the normal and the reduction cell of DARTS. */
  nasbench301: (options?: SpaceOptions): SearchSpace => builtIn('nasbench301', options),
  /** NAS-Bench-NLP: recurrent cells. */
  nasbenchNlp: (options?: SpaceOptions): SearchSpace => builtIn('nasbench-nlp', options),
  /** NAS-Bench-Macro: eight layers of three kinds. */
  nasbenchMacro: (options?: SpaceOptions): SearchSpace => builtIn('nasbench-macro', options),
  /** TransNAS-Bench-101, cells: four nodes and six edges, four operations an edge. */
  transnasbench101Micro: (options?: SpaceOptions): SearchSpace => builtIn('transnasbench101-micro', options),
  /** TransNAS-Bench-101, skeletons: four to six modules of four kinds. */
  transnasbench101Macro: (options?: SpaceOptions): SearchSpace => builtIn('transnasbench101-macro', options),
  /** An example without a benchmark: transformers of 4 to 8 blocks. */
  transformerMacro: (options?: SpaceOptions): SearchSpace => builtIn('transformer-macro', options),
};

export type SpaceName = keyof typeof spaces;

/** Ids of the built-in spaces, as `--space` takes them. */
export const spaceNames = [
  'digits201',
  'nasbench201',
  'nasbench101',
  'nasbench301',
  'nasbench-nlp',
  'nasbench-macro',
  'transnasbench101-micro',
  'transnasbench101-macro',
  'transformer-macro',
] as const;

/**
 * A built-in space by its id, or the space of a file: a name with a path separator in it, or that ends in .yaml, .yml or
 * .json.  Throws `UNKNOWN_NAME`, or what `loadSpace` throws.
 */
export function spaceByName(name: string, what = 'space', options?: SpaceOptions): SearchSpace {
  if (typeof name === 'string' && /[/\\]|\.(ya?ml|json)$/i.test(name)) return loadSpace(name, options);
  return builtIn(checkName(what, name, spaceNames), options);
}

/** What can be chosen in a space: every variable and its values, in gene order. */
export function variablesOf({ program }: SearchSpace): { name: string; values: readonly string[] }[] {
  return program.genes.map(({ name, values }) => ({ name, values }));
}

/** A well-formed architecture of a space. */
export function exampleOf({ example }: SearchSpace): string {
  return example;
}

export { defineSpace, loadSpace, parseSpace } from './load.js';
export type { SpaceDefinition } from './file/schema.js';
export type { SpaceOptions } from './space.js';
