// Everything that the addon exports, by sequences of calls: right ones, in any state and at once, and ones whose arguments,
// `this`, memory or getters are not what they should be.
import { inspect } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { script } from '../calls.mjs';
import { chance, mutateTree, pick } from '../mutate.mjs';
import { built, fromTests, insist } from '../support.mjs';
import { revive, Thrown } from '../values.mjs';

const NAMES = ['proxy', 'pool', 'belief', 'space', 'otherProxy', 'otherPool', 'otherBelief', 'otherSpace'];
/** Milliseconds within which a promise settles. */
const PATIENCE = 10_000;

/** What V8 or node-addon-api say of a wrong `this`, before the addon is asked. */
const wrongThis = /^(Illegal invocation|Class constructors cannot be invoked without 'new'|.* is not a (constructor|function)|Invalid argument)$/; // prettier-ignore
/** What an object throws that throws whatever is asked of it. */
const revoked = /on a proxy that has been revoked$/;

/** Whether something else than an object of a class is taken for one. */
const isOdd = ({ how, args }) => how !== 'call' || inspect(args, { depth: 20 }).includes("'forged'");

/** A program that is hardly any space's: one number or list of it is another. */
const oddProgram = (draws, program) => mutateTree(draws, { ...program, fixedFeatures: new Int32Array(program.fixedFeatures) }); // prettier-ignore

export function open() {
  const { OptiProxyError } = built('errors');
  const addon = built('native').native();
  const spaces = [fromTests('spaces').tinySpace(), ...fromTests('example-spaces').exampleSpaces()];

  const make = (draws) => {
    const at = draws.below(spaces.length);
    const other = oddProgram(draws, (chance(draws, 0.5) ? spaces[at] : pick(draws, spaces)).program);
    return serialize({ ...script(draws, spaces[at].program, other, NAMES), other });
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
    let ours = true; // errors are of our class
    const settle = (step, error) => {
      if (!ours || error instanceof Thrown) return;
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
          const promise = what === 'score' ? world.pool.score(world.proxy, 4) : world.proxy.fit(1);
          promise.catch(() => {}); // it is awaited at the end
          open.push([{ on: 'getter', name: what, how: 'call' }, promise]);
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
        const act = actor(() => args ?? []);
        ours &&= step.name !== 'useErrorClass';
        try {
          if (step.args !== undefined) args = revive(step.args, world, act);
          const result = call(step, args, world);
          if (!(result instanceof Promise)) continue;
          result.catch(() => {});
          if (step.wait) await awaited([step, result]);
          else open.push([step, result]);
        } catch (error) {
          if (/^\w+\.\w+: /.test(error?.message) && error.cause !== undefined) throw error;
          settle(step, error);
        }
      }
      for (const one of open) await awaited(one);
    } finally {
      addon.useErrorClass(OptiProxyError);
      for (const name of NAMES) world[name].close?.();
    }
    if (refusal !== undefined) throw refusal;
  };
  return { make, attempt, codes: ['INVALID_ARGUMENT', 'BUSY', 'CLOSED', 'DEVICE_FAILED'] };
}
