// Other programs that do the same work, measured between our cases: PyTorch for the hot steps, Optuna's TPE for ask and
// tell.  A peer that is not here is said aloud, once.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { output, root } from './machine.mjs';
import { isRate, summary } from './stats.mjs';

/** Each gives [question, name of our case, unit, value, extra of ours to compare with] from what its script prints. */
const known = [
  {
    name: 'PyTorch',
    module: 'torch',
    questions: ['train', 'climb', 'score'],
    script: ({ torch }) => {
      const near = path.join(root, '..', 'shared', 'reference', 'bench_torch.py');
      return torch ?? (existsSync(near) ? near : undefined);
    },
    arguments: ['--threads', '1'],
    version: ({ torch }) => torch,
    values: ({ train_ms, search_ms, score_per_second }) => [
      ...Object.entries(train_ms).map(([batch, ms]) => ['train', `batch ${batch}, hidden 144`, 'ms', ms]),
      ...Object.entries(search_ms).map(([restarts, ms]) => ['climb', `${restarts} restarts`, 'ms', ms]),
      ['score', 'hidden 144', '/s', score_per_second],
    ],
  },
  {
    name: 'Optuna TPE',
    module: 'optuna',
    questions: ['overhead'],
    script: () => path.join(root, 'bench', 'peers', 'optuna_ask.py'),
    arguments: [],
    version: ({ optuna }) => optuna,
    // TPE's time holds its model's, so ours does too: everything between the ask and the end of the tell.
    values: ({ ask_tell_us }) =>
      Object.entries(ask_tell_us).map(([n, us]) => ['overhead', `optiproxy, guided, history ${n}`, 'us', us, 'all_us']),
  },
];

function pythonWith(module) {
  return ['/usr/bin/python3', 'python3'].find((python) => spawnSync(python, ['-c', `import ${module}`]).status === 0);
}

/** The peers of the chosen questions, and a line for each that cannot run. */
export function findPeers(options) {
  const peers = [];
  const skipped = [];
  for (const peer of known.filter(({ questions }) => questions.some((q) => options.only.includes(q)))) {
    const script = peer.script(options);
    const asked = peer.module === 'torch' && options.torch !== undefined;
    if (options.quick && !asked) skipped.push(`${peer.name}: --quick`);
    else if (script === undefined) skipped.push(`${peer.name}: no script (--torch FILE)`);
    else {
      const python = pythonWith(peer.module);
      if (python === undefined) skipped.push(`no ${peer.name}`);
      else peers.push({ ...peer, script, python, rounds: [] });
    }
  }
  return { peers, skipped };
}

/** One run of a peer, kept in its rounds. */
export async function runPeer(peer, core) {
  const env = { OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  const printed = JSON.parse(await output(peer.python, [peer.script, ...peer.arguments], { core, env }));
  peer.release = peer.version(printed);
  peer.rounds.push(peer.values(printed));
}

/** Rounds of a peer as one row a case of ours, with how many times faster we are (below 1: slower), round by round. */
export function compare(peer, ours) {
  return (peer.rounds[0] ?? [])
    .filter(([question]) => ours.has(question))
    .map(([question, name, unit, , extra], i) => {
      const values = peer.rounds.map((round) => round[i][3]);
      const all = ours.get(question).get(name);
      const mine = all?.map((result) => (extra === undefined ? result.value : result.extra[extra]));
      const ratios = mine?.slice(0, values.length).map((own, r) => (isRate(unit) ? own / values[r] : values[r] / own));
      return {
        ...{ peer: peer.name, version: peer.release, question, name, unit },
        ...(extra === undefined ? {} : { against: extra }),
        ...summary(values),
        ...(ratios === undefined ? {} : { ratio: summary(ratios) }),
      };
    });
}
