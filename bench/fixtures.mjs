// What the questions share: the built package's inside, spaces, proxies and plans.  Nothing is loaded before it is used.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** A module of dist/, inner ones included: the bench times what the public names do not reach. */
export const built = (name) => require(`../dist/${name}.js`);
export const native = () => built('native').native();

/** A built-in space by its id. */
export const builtInSpace = (id) => built('space/index').spaceByName(id);

/** The cells of NAS-Bench-201, every string of them: 8 graph nodes, 15,625 architectures. */
export const smallSpace = () => built('space/index').spaces.nasbench201({ isomorphism: 'encoding' });

/** 60 million architectures, for what the small space has too few for. */
export const largeSpace = () =>
  built('space/index').defineSpace({
    schema: 1,
    id: 'large',
    description: 'ten edges, six operations',
    source: 'made for the bench',
    isomorphism: 'encoding',
    cells: { cell: { on: 'edges', vertices: 5, operations: ['a', 'b', 'c', 'd', 'e', 'f'] } },
  });

/** The networks that a proxy can be besides the default GCN. */
export const otherProxies = () => built('native').proxyNames.filter((kind) => kind !== 'gcn');

/** A proxy of two layers with fresh parameters. */
export function newProxy(space, { kind = 'gcn', hidden, members = 1, threads = 1 }) {
  const proxy = new (native().Proxy)(space.program, { kind, hidden, members, threads, layers: 2, outputs: 1 });
  proxy.initialise(1, 0);
  return proxy;
}

/** `count` distinct random architectures (n, G), and a target for each. */
export function samples(space, count) {
  const pool = new (native().Pool)(space.program);
  assert.equal(pool.addUniform(count, 1, 0), count);
  const genes = pool.candidates();
  pool.close();
  return { genes, targets: Float32Array.from({ length: count }, (_, i) => Math.sin(i + 1) * 1.4) };
}

export const fitPlan = {
  lr: 1e-3,
  weightDecay: 0.01,
  schedule: { decay: 'constant' },
  ranking: 0.2,
  margin: 0.1,
  dropout: 0.1,
  seed: 1,
};

export const climbPlan = {
  lr: 0.02,
  weightDecay: 0.01,
  schedule: { decay: 'constant' },
  tauStart: 0.7,
  tauEnd: 0.2,
  alphaLow: 0,
  alphaHigh: 1,
  betaLr: 0,
  turn: 0,
  seed: 1,
};

/** Milliseconds of a slice as the search itself cuts them, and candidates of a scoring slice about as long. */
export const SLICE_MS = 10;
export const SLICE_CANDIDATES = 10_000;

/** Calls a slice until it is done; returns the last answer. */
export async function finish(slice) {
  let done = 0;
  while (done < 1) done = await slice();
  return done;
}

/** A fit of `steps` gradient steps for each member on full batches: a case of the train and threads questions. */
export function openFit({ kind, hidden, batch, members = 1, threads = 1, steps }) {
  const space = smallSpace();
  const proxy = newProxy(space, { kind, hidden, members, threads });
  const { genes, targets } = samples(space, batch * 10);
  const plan = { ...fitPlan, batch, epochs: Math.ceil(steps / 10) };
  const total = plan.epochs * 10 * members;
  const before = proxy.parameters();
  let round = 0;
  return {
    units: plan.epochs * 10,
    async run() {
      proxy.beginFit(genes, targets, { ...plan, round: ++round });
      assert.equal(await finish(() => proxy.fit(SLICE_MS)), 1);
    },
    async check() {
      const after = proxy.parameters();
      assert.ok(after.every(Number.isFinite), 'a parameter is not finite');
      assert.ok(after.filter((value, i) => value !== before[i]).length > after.length / 2, 'nothing was learnt');
      // What one short slice says it did is a whole number of the steps that the case counts.
      proxy.beginFit(genes, targets, { ...plan, round: ++round });
      const part = (await proxy.fit(0)) * total;
      assert.ok(part > 0.99 && Math.abs(part - Math.round(part)) < 1e-6, `a slice did ${part} steps of ${total}`);
    },
    close: () => proxy.close(),
  };
}

/** Scores `count` random candidates: a case of the score and threads questions. */
export function openScore({ kind, hidden, threads = 1, count, space = smallSpace() }) {
  const proxy = newProxy(space, { kind, hidden, threads });
  const pool = new (native().Pool)(space.program);
  let round = 0;
  const draw = () => {
    pool.clear();
    assert.equal(pool.addUniform(count, 1, ++round), count);
  };
  const score = () => finish(() => pool.score(proxy, SLICE_CANDIDATES));
  return {
    units: count,
    draw,
    score,
    async sample() {
      draw();
      const start = performance.now();
      await score();
      return (performance.now() - start) / 1000;
    },
    check() {
      const { genes, means } = pool.pick(count, 'mean', 1, 1);
      assert.equal(genes.length, count * space.program.genes.length);
      assert.equal(means.length, count);
      assert.ok(means.every(Number.isFinite) && means[0] > means[count - 1], 'the scores rank nothing');
    },
    close() {
      pool.close();
      proxy.close();
    },
  };
}
