// Compiled, never run: what the public types must accept, and what they must refuse.
import {
  defineSpace,
  digits201Oracle,
  exampleOf,
  loadSpace,
  measureLatency,
  OptiProxyError,
  parseSpace,
  spaceByName,
  spaces,
  Study,
  tabularOracle,
  variablesOf,
  type ErrorCode,
  type Gene,
  type Isomorphism,
  type LatencyRow,
  type Metrics,
  type Oracle,
  type Quality,
  type Round,
  type RunResult,
  type SearchSpace,
  type SpaceDefinition,
  type SpaceOptions,
  type SpaceProgram,
  type Timings,
  type TraceEntry,
  type Trial,
  type Warning,
  type WarningCode,
} from '../../src/index.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(equal: Equal<A, B>): boolean => equal;

export async function accepted(signal: AbortSignal): Promise<void> {
  const space: SearchSpace = spaces.nasbench201();
  const study = await Study.open({ space, objectives: [{ metric: 'acc', goal: 'maximize' }], seed: 1, threads: 2 });
  const trials = await study.ask(5, { signal });
  same<typeof trials, Trial[]>(true);
  await study.tell(trials[0]!.id, { acc: 91.2, latency_ms: 4.1 });
  await study.fail(2, 'out of memory');
  const oracles: Oracle[] = [
    await tabularOracle('t.csv', space, { metrics: ['acc'] }),
    await digits201Oracle(),
    () => ({ acc: 1 }),
    async (architecture, context) => ({ acc: architecture.length + context.seed + context.budget }),
  ];
  await study.run({
    oracle: oracles[0]!,
    queries: 100,
    concurrency: 4,
    signal,
    onTrial: ({ id }) => id,
    onRound: ({ first, climb }) => first + (climb?.draws ?? 0),
  });
  same<Awaited<ReturnType<Study['run']>>, RunResult>(true);
  same<typeof study.best, Trial | undefined>(true);
  same<typeof study.front, readonly Trial[]>(true);
  same<ReturnType<typeof study.trace>, TraceEntry[]>(true);
  same<typeof study.rounds, readonly Round[]>(true);
  same<Round['recent'], Quality>(true);
  same<Round['batch'], Quality | null>(true);
  same<typeof study.warnings, readonly Warning[]>(true);
  same<Warning['code'], WarningCode>(true);
  same<Trial['interval'], readonly [low: number, high: number] | undefined>(true);
  same<typeof study.timings, Timings>(true);
  same<Trial['metrics'], Metrics | undefined>(true);
  same<OptiProxyError['code'], ErrorCode>(true);
  study.close();
}

export async function latencies(signal: AbortSignal): Promise<void> {
  const space = spaces.digits201();
  const { rows, settings, failures } = await measureLatency({ space, out: 'latency.csv', threads: 2, signal });
  same<typeof rows, readonly LatencyRow[]>(true);
  const inMs: number | undefined = rows[0]!.latencyMs;
  await measureLatency({
    space,
    architectures: failures.map(({ architecture }) => architecture),
    budgetMs: inMs,
    channels: settings.channels,
  });
  // @ts-expect-error a misspelt option
  await measureLatency({ space, chanels: 3 });
}

export async function spacesOfOnesOwn(): Promise<void> {
  const definition: SpaceDefinition = {
    schema: 1,
    id: 'mine',
    description: 'a cell and two choices',
    isomorphism: 'graph',
    choices: { width: [16, 32], kind: { values: ['a', 'b'], when: { width: 32 } } },
    cells: { cell: { on: 'nodes', nodes: 5, operations: ['conv', 'pool'], edges: 'free', prune: true } },
    constraints: [{ cell: 'cell', maxEdges: 6, connected: true }],
  };
  const options: SpaceOptions = { isomorphism: 'encoding' };
  const made: SearchSpace[] = [
    defineSpace(definition, options),
    loadSpace('mine.yaml'),
    parseSpace('schema: 1', 'mine.yaml', options),
    spaceByName('nasbench101'),
    spaces.nasbenchNlp({ isomorphism: 'encoding' }),
  ];
  same<SearchSpace['program'], SpaceProgram>(true);
  same<SearchSpace['isomorphism'], Isomorphism>(true);
  same<SpaceProgram['genes'], readonly Gene[]>(true);
  same<ReturnType<typeof variablesOf>, { name: string; values: readonly string[] }[]>(true);
  same<ReturnType<typeof exampleOf>, string>(true);
  const table = await tabularOracle('t.parquet', made[0]!, {
    key: ['adjacency', 'ops'],
    missing: 'skip',
    repeated: 'mean',
  });
  const objectives = [{ metric: 'acc', goal: 'minimize' as const }];
  await Study.open({ space: made[0]!, objectives, pool: table.architectures() });
  await Study.open({ space: made[0]!, objectives, pool: [exampleOf(made[0]!)] });
}

export async function refused(study: Study, oracle: Oracle): Promise<void> {
  const space = spaces.nasbench201();
  // @ts-expect-error an objective is needed
  await Study.open({ space });
  // @ts-expect-error a goal is spelt out
  await Study.open({ space, objectives: [{ metric: 'acc', goal: 'max' }] });
  // @ts-expect-error a space is an object
  await Study.open({ space: 'nasbench201', objectives: [{ metric: 'acc', goal: 'maximize' }] });
  // @ts-expect-error a misspelt option
  await Study.open({ space, objectives: [{ metric: 'acc', goal: 'maximize' }], sede: 1 });
  // @ts-expect-error metrics are numbers
  await study.tell(1, { acc: '91' });
  // @ts-expect-error trials are named by number
  await study.tell('1', { acc: 91 });
  // @ts-expect-error a failure has a reason
  await study.fail(1);
  // @ts-expect-error a run has a budget
  await study.run({ oracle });
  // @ts-expect-error an oracle answers with numbers
  await study.run({ oracle: () => 'good', queries: 1 });
  // @ts-expect-error trials are read-only
  study.trials[0]!.state = 'complete';
  // @ts-expect-error so are rounds
  study.rounds[0]!.size = 2;
  // @ts-expect-error so is the seed
  study.seed = 2;
  // @ts-expect-error no such space
  const name: keyof typeof spaces = 'nasbench2001';
  // @ts-expect-error no such rule
  spaces.nasbench201({ isomorphism: 'same' });
  // @ts-expect-error no such kind of cell
  defineSpace({ schema: 1, id: 'x', description: 'y', cells: { cell: { on: 'vertices' } } });
  // @ts-expect-error a schema is named
  defineSpace({ id: 'x', description: 'y' });
  // @ts-expect-error a table says what to do with gaps
  await tabularOracle('t.csv', space, { missing: 'ignore' });
  // @ts-expect-error a pool is of architectures
  await Study.open({ space, objectives: [{ metric: 'acc', goal: 'maximize' }], pool: [1] });
  // @ts-expect-error a code of ours
  new OptiProxyError('OOPS', { what: name });
}
