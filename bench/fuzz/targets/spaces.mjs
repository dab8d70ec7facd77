// Space files: YAML and JSON, and what a space that is accepted promises.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { chance, mutateBytes, mutateText, mutateTree, pick } from '../mutate.mjs';
import { built, fromTests, insist, root } from '../support.mjs';

const words = ['cells', 'chain', 'choices', 'constraints', 'on', 'edges', 'nodes', 'recurrent', 'vertices', 'operations', 'zero', 'identity', 'isomorphism', 'graph', 'skips', 'zeros', 'computation', 'encoding', 'inputs', 'choose', 'of', 'slots', 'ordered', 'same_as', 'when', 'optional', 'prune', 'output', 'input', 'fixed', 'free', 'stage', 'depth', 'share', 'count', 'values', 'variables', 'min', 'max', 'forbid', 'maxEdges', 'connected', 'inDegree', 'text', 'form', 'matrix', 'genotype', 'recipe', 'schema', '&a', '*a', '<<: *a', '!!binary', '? ', '- - - ', '{', '}', '[', ']', '|', '>', "'", '%YAML 9']; // prettier-ignore

export function open() {
  const { parseSpace, sampleSpace, faultOf, neighboursOf, mutate } = built('index');
  const folder = path.join(root, 'data', 'spaces');
  const files = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'utf8'));
  const seeds = [...files, ...Object.values(fromTests('example-spaces').exampleFiles)];
  const trees = seeds.map((text) => parse(text));
  const others = seeds.map((text) => Buffer.from(text));

  const make = (draws) => {
    const at = draws.below(seeds.length);
    if (chance(draws, 0.2)) return mutateBytes(draws, others[at], { others, words });
    if (chance(draws, 0.3)) return Buffer.from(mutateText(draws, seeds[at], words));
    const tree = mutateTree(draws, trees[at], words);
    return Buffer.from(pick(draws, [JSON.stringify, (value) => stringify(value)])(tree));
  };

  /** A sample; where hardly any architecture is valid, none. */
  const sample = (space) => {
    try {
      return sampleSpace(space, 3, 1);
    } catch (error) {
      if (/ valid architectures, given /.test(error.message)) return [];
      throw error;
    }
  };

  const attempt = (input) => {
    const space = parseSpace(input.toString(), 'junk');
    try {
      insist(space.size >= 1, `size ${space.size}`); // Infinity is one
      const genes = space.parse(space.example);
      insist(Buffer.from(space.parse(space.format(genes))).equals(genes), 'its example is not what it prints');
      faultOf(space, space.example);
      for (const text of sample(space)) {
        const all = [text, mutate(space, text, 1) ?? text, ...neighboursOf(space, text).slice(0, 3)];
        for (const one of all) insist(space.format(space.parse(one)) === one, `${one} is not what it prints`);
        for (const one of all) insist(faultOf(space, one) === undefined, `${one} is at fault`);
      }
    } catch (cause) {
      throw new Error(`a space that was accepted: ${cause.message}`, { cause });
    }
  };
  return { make, attempt, codes: ['INVALID_ARGUMENT'] };
}
