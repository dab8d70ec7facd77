// Everything that the addon exports, by sequences of calls: right ones, in any state and at once, and ones whose arguments,
// `this`, memory or getters are not what they should be.
import { inspect } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { chance, mutateTree, oddNumbers, pick } from '../mutate.mjs';
import { built, fromTests, insist } from '../support.mjs';
import { oddArgument, revive, slyArgument, Thrown } from '../values.mjs';

const NAMES = ['proxy', 'pool', 'belief', 'space', 'otherProxy', 'otherPool', 'otherBelief', 'otherSpace'];
/** Milliseconds within which a promise settles. */
const PATIENCE = 10_000;

/** What V8 or node-addon-api say of a wrong `this`, before the addon is asked. */
const wrongThis = /^(Illegal invocation|Class constructors cannot be invoked without 'new'|.* is not a (constructor|function)|Invalid argument)$/; // prettier-ignore
/** What an object throws that throws whatever is asked of it. */
const revoked = /on a proxy that has been revoked$/;

/** What the world is made of, and calls with arguments that are right for it. */
function grammar(draws, space) {
  const { fitPlan, climbPlan, drawPlan, scanPlan } = fromTestsOnce('native');
  const { length } = space.program.genes;
  const genes = (count) => Uint8Array.from({ length: count * length }, (_, i) => draws.below(space.program.genes[i % length].choices)); // prettier-ignore
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
      beginFit: () => [genes(4), floats(4), { ...fitPlan, schedule: schedule(), dropout: pick(draws, [0, 0.1]) }],
      fit: () => [pick(draws, [0, 1, 100])],
      beginClimb: () => [{ ...climbPlan, schedule: schedule() }, ...pick(draws, [[], [undefined], [floats(1)]])],
      climb: () => [pick(draws, [0, 1, 100])],
      entropy: () => [1],
      parameters: () => [],
      setParameters: () => [floats(count())],
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
      scan: () => [scorer(), 1 + count()],
      score: () => [scorer(), 1 + count()],
      setScores: () => [floats(count())],
      forgetScores: () => [],
      unjudged: () => [],
      judge: () => [Uint8Array.from({ length: count() }, () => draws.below(2))],
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
      Proxy: () => [space.program, { kind: pick(draws, ['gcn', 'mlp', 'transformer']), hidden: 5, layers: 1 + draws.below(2), outputs: 1, members: 2, threads: 1 + draws.below(2) }], // prettier-ignore
      Pool: () => [space.program],
      Belief: () => [space.program, genes(3), ...pick(draws, [[], [['genes', 'flow']], [undefined, true]])],
      Space: () => [space.program],
      info: () => [],
      deriveSeed: () => [seed(), 1, seed()],
      logImprovement: () => [floats(4), floats(2), floats(6), floats(6).map(Math.abs)],
      logFeasibility: () => [floats(3), floats(3).map(Math.abs), -1, 1],
      useErrorClass: () => [{ $: 'function' }],
    },
  };
}

const ref = (name) => ({ $: 'ref', name });
const loaded = new Map();
const fromTestsOnce = (name) => loaded.get(name) ?? loaded.set(name, fromTests(name)).get(name);

/** Arguments of which something is wrong. */
function spoilt(draws, args) {
  if (args.length === 0 || chance(draws, 0.05)) return [...args, oddArgument(draws, NAMES)];
  const at = draws.below(args.length);
  const change = (value) => pick(draws, [
    () => oddArgument(draws, NAMES),
    () => slyArgument(draws, value),
    () => (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) ? mutateTree(draws, value) : pick(draws, oddNumbers)),
    () => (ArrayBuffer.isView(value) && value.length > 0 ? pick(draws, [value.subarray(1), value.map((one, i) => (i === 0 ? pick(draws, [255, NaN, -1]) : one))]) : oddArgument(draws, NAMES)),
    () => {
      if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return oddArgument(draws, NAMES);
      return { ...value, [pick(draws, Object.keys(value))]: oddArgument(draws, NAMES) };
    },
  ])(); // prettier-ignore
  return chance(draws, 0.05) ? args.slice(0, at) : args.map((value, i) => (i === at ? change(value) : value));
}

/** Whether something else than an object of a class is taken for one. */
const isOdd = ({ how, args }) => how !== 'call' || inspect(args, { depth: 20 }).includes("'forged'");

/** A program that is hardly any space's: one number or list of it is another. */
const oddProgram = (draws, program) => mutateTree(draws, { ...program, fixedFeatures: new Int32Array(program.fixedFeatures) }); // prettier-ignore

export function open() {
  const { OptiProxyError } = built('errors');
  const addon = built('native').native();
  const spaces = [fromTestsOnce('spaces').tinySpace(), ...fromTestsOnce('example-spaces').exampleSpaces()];

  const make = (draws) => {
    const at = draws.below(spaces.length);
    const calls = grammar(draws, spaces[at]);
    const world = { Proxy: calls.addon.Proxy(), Pool: calls.addon.Pool(), Belief: calls.addon.Belief(), Space: calls.addon.Space() }; // prettier-ignore
    const steps = Array.from({ length: 2 + draws.below(20) }, () => {
      const kind = pick(draws, ['proxy', 'proxy', 'pool', 'pool', 'pool', 'belief', 'space', 'addon']);
      const other = kind !== 'addon' && chance(draws, 0.2);
      const on = other ? `other${kind[0].toUpperCase()}${kind.slice(1)}` : kind;
      const name = pick(
        draws,
        Object.keys(calls[kind]).filter((one) => one !== 'close' || chance(draws, 0.1)),
      );
      const args = calls[kind][name]?.();
      const wait = chance(draws, 0.6);
      const how = chance(draws, 0.03) ? pick(draws, ['other this', 'no this', 'new', 'no new']) : 'call';
      return { on, name, args: args !== undefined && chance(draws, 0.4) ? spoilt(draws, args) : args, wait, how };
    });
    const { program } = chance(draws, 0.5) ? spaces[at] : pick(draws, spaces);
    return serialize({ world, other: oddProgram(draws, program), steps });
  };

  /** Whether the addon takes it for a program. */
  function taken(program) {
    try {
      const space = new addon.Space(program);
      return space.draw(3, 1, 0).genes.length > 0;
    } catch (error) {
      if (error.code === 'INVALID_ARGUMENT') return false;
      throw error;
    }
  }

  function build({ Proxy, Pool, Belief, Space }, other) {
    const program = taken(other) ? other : spaces[0].program;
    const config = { kind: 'gcn', hidden: 4, layers: 1, outputs: 2, members: 3, threads: 1 };
    const world = { addon, proxy: new addon.Proxy(...Proxy), pool: new addon.Pool(...Pool), belief: new addon.Belief(...Belief), space: new addon.Space(...Space), otherProxy: new addon.Proxy(program, config), otherPool: new addon.Pool(program), otherSpace: new addon.Space(program) }; // prettier-ignore
    world.otherBelief = new addon.Belief(program, world.otherSpace.draw(3, 1, 0).genes);
    for (const proxy of [world.proxy, world.otherProxy]) proxy.initialise(1, 0);
    return world;
  }

  /** Calls something of the world as a step says. */
  function call({ on, name, how }, args, world) {
    const target = world[on];
    if (args === undefined || (/belief/i.test(on) && name === 'shape')) {
      const { get, set } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(target), name);
      const of = how === 'call' ? target : how === 'other this' ? world[on === 'pool' ? 'proxy' : 'pool'] : {};
      return args === undefined || args.length === 2 ? Reflect.apply(get, of, []) : Reflect.apply(set, of, args.slice(0, 1)); // prettier-ignore
    }
    const made = on === 'addon' && /^[A-Z]/.test(name);
    if (how === 'other this') return Reflect.apply(target[name], world[on === 'pool' ? 'proxy' : 'pool'], args);
    if (how === 'no this') return Reflect.apply(target[name], pickThis(args), args);
    if (how === 'new' && !made) return Reflect.construct(target[name], args, Object);
    if (made && how !== 'no new')
      return how === 'new' ? Reflect.construct(target[name], args, Object) : new target[name](...args);
    return target[name](...args);
  }
  const pickThis = (args) => (args.length % 2 === 0 ? undefined : Object.create(addon.Pool.prototype));

  const attempt = async (input) => {
    const { world: made, other, steps } = deserialize(input);
    const world = build(made, other);
    const open = [];
    let refusal;
    const settle = (step, error) => {
      if (error instanceof Thrown) return;
      if (error instanceof OptiProxyError && error.code !== 'INTERNAL') refusal ??= error;
      else if (!revoked.test(error?.message) && !(isOdd(step) && wrongThis.test(error?.message)))
        throw new Error(`${step.on}.${step.name}: ${error?.code ?? error?.name}: ${error?.message ?? error}`, {
          cause: error,
        });
    };
    /** What a getter does before it gives its value. */
    const actor = (args) => (what, value) => {
      if (what === 'throw') throw new Thrown('by a getter');
      if (what === 'close') for (const name of ['proxy', 'pool', 'belief']) world[name].close();
      if (what === 'detach') for (const { buffer } of args().filter(ArrayBuffer.isView)) if (buffer instanceof ArrayBuffer) structuredClone(buffer, { transfer: [buffer] }); // prettier-ignore
      if (what === 'score' || what === 'fit') {
        try {
          open.push([{ on: 'getter', name: what, how: 'call' }, what === 'score' ? world.pool.score(world.proxy, 4) : world.proxy.fit(1)]); // prettier-ignore
        } catch {
          // It is busy, or nothing was begun.
        }
      }
      if (what === 'collect') globalThis.gc?.();
      return value;
    };
    const awaited = async ([step, promise]) => {
      let timer;
      const late = new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE, 'late')));
      const end = await Promise.race([promise, late]).catch((error) => settle(step, error));
      clearTimeout(timer);
      insist(end !== 'late', `${step.on}.${step.name}: a promise that does not settle`);
    };
    try {
      for (const step of steps) {
        let args;
        try {
          args =
            step.args === undefined
              ? undefined
              : revive(
                  step.args,
                  world,
                  actor(() => args ?? []),
                );
          const result = call(step, args, world);
          if (!(result instanceof Promise)) continue;
          result.catch(() => {});
          if (step.wait) await awaited([step, result]);
          else open.push([step, result]);
        } catch (error) {
          if (/^\w+\.\w+: /.test(error?.message) && error.cause !== undefined) throw error;
          settle(step, error);
        } finally {
          if (step.name === 'useErrorClass') addon.useErrorClass(OptiProxyError);
        }
      }
      for (const one of open) await awaited(one);
    } finally {
      for (const name of NAMES) world[name].close?.();
    }
    if (refusal !== undefined) throw refusal;
  };
  return { make, attempt, codes: ['INVALID_ARGUMENT', 'BUSY', 'CLOSED', 'DEVICE_FAILED'] };
}
