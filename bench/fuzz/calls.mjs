// Calls of the addon: right ones, alone and in the order that makes sense, and ones of which something is wrong.
import { chance, mutateTree, oddNumbers, pick } from './mutate.mjs';
import { fromTests } from './support.mjs';
import { oddArgument, slyArgument } from './values.mjs';

/** Calls of which each needs the ones before. */
const scenes = [
  ['proxy.initialise', 'proxy.parameters', 'proxy.setParameters'],
  ['proxy.beginFit', 'proxy.fit', 'proxy.fit', 'proxy.parameters'],
  ['proxy.beginClimb', 'proxy.climb', 'proxy.climb', 'proxy.entropy', 'pool.addClimbed', 'pool.addClimbed'],
  ['pool.addUniform', 'pool.score', 'pool.score', 'pool.pick', 'pool.scores', 'pool.addNeighboursOfBest'],
  ['pool.beginScan', 'pool.scan', 'pool.scan', 'pool.pick', 'pool.candidates'],
  ['pool.addUniform', 'pool.unjudged', 'pool.judge', 'pool.add', 'pool.judge', 'pool.score'],
  ['pool.addUniform', 'pool.setScores', 'pool.pick', 'pool.representatives', 'pool.forgetScores', 'pool.shuffled'],
  ['pool.restrict', 'pool.addNeighbours', 'pool.addUniform', 'pool.score'],
  ['belief.fit', 'belief.predict', 'belief.shape', 'belief.fit', 'belief.predict', 'pool.score'],
];

/** What the world is made of, and calls with arguments that are right for it. */
function grammar(draws, program, nameOf, outputs) {
  const { fitPlan, climbPlan, drawPlan, scanPlan } = fromTests('native');
  const known = Array.isArray(program?.genes) ? program.genes : [];
  const genes = (count) => Uint8Array.from({ length: count * known.length }, (_, i) => draws.below(Number(known[i % known.length]?.choices) || 1)); // prettier-ignore
  const ref = (name) => ({ $: 'ref', name: nameOf(name) });
  const floats = (count) => Float32Array.from({ length: count }, () => draws.uniform() * 2 - 1);
  const count = () => pick(draws, [0, 1, 2, 3, 8]);
  const seed = () => draws.below(100);
  const scorer = () => (chance(draws, 0.5) ? ref('proxy') : { belief: ref('belief'), proxy: pick(draws, [undefined, ref('proxy')]), share: pick(draws, [0, 0.5, 1]), rule: pick(draws, ['ucb', 'log-ei']), beta: 1, best: 0 }); // prettier-ignore
  const schedule = () =>
    pick(draws, [{ decay: 'constant' }, { decay: 'cosine' }, { decay: 'step', gamma: 0.5, every: 2 }]);
  const assessment = () => ({ belief: ref('belief'), share: 0, rule: 'ucb', beta: 1, best: 0 });
  return {
    proxy: {
      initialise: () => [seed(), 0],
      beginFit: () => [
        genes(4),
        floats(4 * outputs),
        { ...fitPlan, schedule: schedule(), dropout: pick(draws, [0, 0.1]) },
      ],
      fit: () => [pick(draws, [0, 1, 100])],
      beginClimb: () => [{ ...climbPlan, schedule: schedule() }, ...pick(draws, [[], [undefined], [floats(outputs)]])],
      climb: () => [pick(draws, [0, 1, 100])],
      entropy: () => [1],
      parameters: () => [],
      setParameters: () => [{ $: 'parameters', name: nameOf('proxy') }],
      isa: undefined,
      close: () => [],
    },
    pool: {
      restrict: () => [genes(1 + count()), ...pick(draws, [[], [true], [false]])],
      tally: () => [],
      addKnown: () => [genes(count())],
      clear: () => [],
      add: () => [genes(count()), ...pick(draws, [[], [true]])],
      addClimbed: () => [ref('proxy'), drawPlan],
      addNeighbours: () => [genes(count())],
      addNeighboursOfBest: () => [count()],
      addUniform: () => [count(), seed(), 0],
      beginScan: () => [scorer(), scanPlan],
      scan: () => [scorer(), pick(draws, [1, 3, 1000])],
      score: () => [scorer(), pick(draws, [1, 3, 1000])],
      setScores: () => [{ $: 'scores', name: nameOf('pool') }],
      forgetScores: () => [],
      unjudged: () => [],
      judge: () => [{ $: 'verdicts', name: nameOf('pool') }],
      representatives: () => [count()],
      scores: () => [],
      pick: () => [count(), pick(draws, ['mean', 'thompson']), seed(), 0],
      candidates: () => [],
      shuffled: () => [seed(), 0],
      size: undefined,
      count: undefined,
      close: () => [],
    },
    belief: {
      fit: () => [genes(4), floats(4), chance(draws, 0.5), ...pick(draws, [[], [Uint8Array.of(0, 1, 0, 1)]])],
      predict: () => [assessment(), genes(count())],
      // Written; read where there is one argument more.
      shape: () => [
        ...pick(draws, [[], [undefined]]),
        { genes: 0.5, labels: 0.25, flow: 0.25, scale: 0.4, noise: 0.05, correlation: 0.5 },
      ],
      noise: undefined,
      close: () => [],
    },
    space: {
      draw: () => [count(), seed(), 0],
      enumerate: () => [0, count()],
      check: () => [genes(count())],
      keys: () => [genes(count())],
      normalise: () => [genes(count())],
      neighbours: () => [genes(count())],
      mutate: () => [genes(count()), seed(), 0],
      encode: () => [genes(count())],
      count: undefined,
      reasons: undefined,
    },
    addon: {
      Proxy: () => [program, { kind: pick(draws, ['gcn', 'mlp', 'transformer']), hidden: 5, layers: 1 + draws.below(2), outputs: 1, members: 2, threads: 1 + draws.below(2) }], // prettier-ignore
      Pool: () => [program],
      Belief: () => [program, genes(3), ...pick(draws, [[], [['genes', 'flow']], [undefined, true]])],
      Space: () => [program],
      info: () => [],
      deriveSeed: () => [seed(), 1, seed()],
      logImprovement: () => [floats(4), floats(2), floats(6), floats(6).map(Math.abs)],
      logFeasibility: () => [floats(3), floats(3).map(Math.abs), -1, 1],
      useErrorClass: () => [{ $: pick(draws, ['function', 'class', 'thrower', 'revoked']) }],
    },
  };
}

/** Arguments of which something is wrong. */
function spoilt(draws, args, names) {
  if (args.length === 0 || chance(draws, 0.05)) return [...args, oddArgument(draws, names)];
  const at = draws.below(args.length);
  const change = (value) => pick(draws, [
    () => oddArgument(draws, names),
    () => slyArgument(draws, value),
    () => (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) ? mutateTree(draws, value) : pick(draws, oddNumbers)),
    () => (ArrayBuffer.isView(value) && value.length > 0 ? pick(draws, [value.subarray(1), value.map((one, i) => (i === 0 ? pick(draws, [255, NaN, -1]) : one))]) : oddArgument(draws, names)),
    () => {
      if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return oddArgument(draws, names);
      return { ...value, [pick(draws, Object.keys(value))]: oddArgument(draws, names) };
    },
  ])(); // prettier-ignore
  return chance(draws, 0.05) ? args.slice(0, at) : args.map((value, i) => (i === at ? change(value) : value));
}

const otherName = (name) => `other${name[0].toUpperCase()}${name.slice(1)}`;

/** The constructors' arguments of a world, and what is done in it, of `names` and their others, which are of another program. */
export function script(draws, program, other, names) {
  const calls = grammar(draws, program, (name) => name, 1);
  const others = grammar(draws, other, otherName, 2);
  const step = (kind, name, far, wrong, wait) => {
    const args = (far ? others : calls)[kind][name]?.();
    const how = chance(draws, 0.02) ? pick(draws, ['other this', 'no this', 'new', 'no new']) : 'call';
    return { on: far ? otherName(kind) : kind, name, args: args !== undefined && chance(draws, wrong) ? spoilt(draws, args, names) : args, wait: chance(draws, wait), how }; // prettier-ignore
  };
  const some = () => {
    const far = chance(draws, 0.3);
    if (chance(draws, 0.3)) return pick(draws, scenes).map((one) => step(...one.split('.'), far, 0.1, 0.9));
    const kind = pick(draws, ['proxy', 'proxy', 'pool', 'pool', 'pool', 'belief', 'space', 'addon']);
    const possible = Object.keys(calls[kind]).filter((one) => one !== 'close' || chance(draws, 0.1));
    return [step(kind, pick(draws, possible), far && kind !== 'addon', 0.4, 0.6)];
  };
  const world = Object.fromEntries(['Proxy', 'Pool', 'Belief', 'Space'].map((name) => [name, calls.addon[name]()]));
  return { world, steps: Array.from({ length: 1 + draws.below(12) }, some).flat() };
}
