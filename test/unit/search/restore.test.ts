import { deserialize, serialize } from 'node:v8';
import type { Permitted } from '../../../src/baselines/permitted.js';
import { History } from '../../../src/baselines/history.js';
import type { MethodState, Proposal, SearchMethod } from '../../../src/baselines/method.js';
import { Head, type HeadState } from '../../../src/search/head.js';
import { createMethod, methodNames, type MethodOptions } from '../../../src/search/methods.js';
import { OptiProxySearch } from '../../../src/search/optiproxy.js';
import { presetFor } from '../../../src/search/presets.js';
import { Draws } from '../../../src/random.js';
import { edgeCellSpace } from '../../support/spaces.js';

/** 4,096 architectures, of which 4 stand for most; 81, which are soon exhausted. */
const space = edgeCellSpace({ id: 'cell', cellNodes: 4, operations: ['a', 'b', 'c', 'd'] });
const tiny = edgeCellSpace({ id: 'tiny', cellNodes: 3, operations: ['a', 'b', 'c', 'd'] });
const favourites = [2, 0, 1, 2, 1, 0];
const value = (genes: Uint8Array): number =>
  favourites.reduce((sum, favourite, i) => sum + (genes[i] === favourite ? 1 + i / 7 : 0), 0);
const size = (genes: Uint8Array): number => genes.reduce((sum, gene) => sum + gene, 0);

interface Setting {
  readonly make: () => SearchMethod;
  readonly in?: typeof space;
  readonly counts?: readonly number[];
  /** Whether what is cheap is told to another history; whether answers tell all that counts. */
  readonly screens?: boolean;
  readonly joint?: boolean;
}

/** What happens to a search beside its own calls: a function of the seed, as far as it was asked. */
class World {
  readonly history: History;
  readonly proposed: Proposal[] = [];
  private readonly open: number[] = [];
  private readonly draws = new Draws(7);

  constructor(private readonly setting: Setting) {
    const within = setting.in ?? space;
    this.history = new History(within, setting.screens ? new History(within) : undefined);
  }

  /** Another call proposed these; most of what has no answer gets one, in any order, or now and then nothing does. */
  next(proposals: readonly Proposal[]): void {
    for (const proposal of proposals) {
      this.proposed.push(proposal);
      this.open.push(this.history.add(proposal.genes));
    }
    if (this.proposed.length > 12 && this.draws.below(3) === 0) return;
    const left = this.draws.below(3);
    while (this.open.length > left) {
      const [id] = this.open.splice(this.draws.below(this.open.length), 1) as [number];
      if (this.draws.below(8) === 0) continue; // failed
      this.tell(id, this.proposed[id - 1]!);
    }
  }

  genes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.proposed.map(({ genes }) => genes)));
  }

  private tell(id: number, { genes, cheap }: Proposal): void {
    const answer = { values: [value(genes), -size(genes)], costly: [size(genes)], feasible: size(genes) <= 8 };
    if (cheap === true) this.history.screened!.tell(id, value(genes) + 0.1);
    else this.history.tell(id, value(genes), this.setting.joint ? answer : undefined);
  }
}

const shown = ({ genes, cheap, round, predicted, interval }: Proposal): unknown => ({
  genes: [...genes],
  cheap,
  round,
  predicted,
  interval,
});

async function call(method: SearchMethod, world: World, count: number): Promise<Proposal[]> {
  world.history.advance();
  const proposals = await method.propose(count, world.history);
  world.next(proposals);
  return proposals;
}

/** Every call of a search, and of searches that go on from a copy made after each of its calls. */
async function compare(setting: Setting): Promise<{ calls: number; proposed: number }> {
  const { make, counts = [6, 2, 5, 3, 1, 4, 2, 6] } = setting;
  const method = make();
  const world = new World(setting);
  const states: { state: Buffer; genes: Uint8Array }[] = [];
  const all: unknown[][] = [];
  for (const count of counts) {
    all.push((await call(method, world, count)).map(shown));
    states.push({ state: serialize(method.snapshot()), genes: world.genes() });
  }
  method.close();
  for (const [at, { state, genes }] of states.entries()) {
    const other = make();
    await other.restore(deserialize(state) as MethodState, genes);
    // The same world as far as the first search saw it.
    const copy = new World(setting);
    for (const proposals of all.slice(0, at + 1))
      copy.next((proposals as { genes: number[] }[]).map((one) => ({ ...one, genes: Uint8Array.from(one.genes) }) as Proposal)); // prettier-ignore
    for (let next = at + 1; next < counts.length; ++next)
      expect({ at, next, proposals: (await call(other, copy, counts[next]!)).map(shown) }).toEqual({ at, next, proposals: all[next] }); // prettier-ignore
    other.close();
  }
  return { calls: counts.length, proposed: world.proposed.length };
}

const options: MethodOptions = { metric: 'acc', seed: 5, threads: 1, init: 6 };
const byName = (name: string, more: Partial<MethodOptions> = {}, within = space): Setting => ({
  make: () => createMethod(name, within, { ...options, ...more }).method,
  in: within,
});
const preset = presetFor('default', 'cell', 'acc');
const small = { ...preset, model: { ...preset.model, hidden: 8, members: 2 }, fit: { ...preset.fit, epochs: 4 } };
const oneThread = { threads: 1, device: 'cpu' } as const;
/** Few meet it. */
const excess: Permitted['excess'] = (genes) =>
  Promise.resolve([
    Float64Array.from({ length: genes.length / 6 }, (_, i) => Math.max(0, size(genes.slice(6 * i, 6 * i + 6)) - 2)),
  ]);
const admits: Permitted['admits'] = (genes) =>
  Promise.resolve(Uint8Array.from({ length: genes.length / 6 }, (_, i) => (size(genes.slice(6 * i, 6 * i + 6)) <= 2 ? 1 : 0))); // prettier-ignore

test.each(methodNames.map((name) => [name]))(
  '%s goes on as if nothing had happened',
  async (name) => {
    const fewer = { counts: [6, 2, 5, 1, 3] };
    const { proposed } = await compare({ ...byName(name), ...(name === 'paper' ? fewer : {}) });
    expect(proposed).toBeGreaterThan(15);
  },
  60_000,
);

test.each(['evolution', 'local-search', 'tpe', 'bananas', 'optiproxy'])(
  '%s in a space that it exhausts',
  async (name) => {
    const counts = [6, 20, 20, 15, 20, 5];
    expect(await compare({ ...byName(name, {}, tiny), counts })).toEqual({ calls: 6, proposed: 64 });
  },
  60_000,
);

test('the preset networks', async () => {
  await compare({ ...byName('optiproxy', { preset: 'networks' }), counts: [6, 3, 4, 2] });
}, 60_000);

test('a mixture whose ensemble has joined, between its fits: what was climbed is climbed again', async () => {
  const mixture = { ...small.mixture!, joinsAfter: 8, refitAfter: 6 };
  // Not scored whole, so that it climbs, and with hardly any candidates but those that are drawn.
  const drawn = { wholeSpace: 10, incumbents: 0, explored: 1, hillClimb: { rounds: 0, centres: 0 } };
  const make = (): SearchMethod => new OptiProxySearch(space, 5, { ...small, ...drawn, mixture }, 6, oneThread);
  const { proposed } = await compare({ make, counts: [6, 5, 3, 1, 1, 1, 1, 4, 1, 1] });
  expect(proposed).toBe(24);
}, 60_000);

test('a fidelity: what was screened, and what is due', async () => {
  await compare({
    ...byName('optiproxy', { screeningCost: 0.3 }),
    screens: true,
    counts: [12, 6, 1, 8, 1, 1, 6, 2, 1, 1, 2, 1, 2, 1],
  });
}, 60_000);

test('several objectives and a limit that only a query tells', async () => {
  const aim = {
    objectives: [
      { known: false, reference: undefined },
      { known: false, reference: undefined },
    ],
    costly: [{ min: -Infinity, max: 8 }],
  };
  await compare({ ...byName('optiproxy', { aim }), joint: true, counts: [6, 3, 4, 1, 2, 3] });
}, 60_000);

test('limits that are known, which networks learn beside the objective', async () => {
  const networks = presetFor('networks', 'cell', 'acc');
  const plan = { ...networks, model: small.model, fit: { ...networks.fit, epochs: 4 }, wholeSpace: 10 };
  const permitted: Permitted = { admits, excess };
  const states = jest.spyOn(Head.prototype, 'snapshot');
  await compare({
    make: () => new OptiProxySearch(space, 5, plan, 6, oneThread, permitted),
    counts: [6, 3, 4, 1, 4, 3],
  });
  expect(states.mock.results.filter(({ value }) => (value as HeadState).weight > 0).length).toBeGreaterThan(1);
  states.mockRestore();
}, 60_000);

test('a copy is one: what the search does later does not change it', async () => {
  const method = createMethod('optiproxy', space, options).method;
  const world = new World(byName('optiproxy'));
  await call(method, world, 6);
  await call(method, world, 4);
  const state = method.snapshot();
  const before = serialize(state);
  await call(method, world, 4);
  expect(serialize(state).equals(before)).toBe(true);
  method.close();
});
