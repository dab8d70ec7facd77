// A training program that can misbehave in many ways: the mode is its first argument.  It reads requests as docs/oracles.md says.
//   node test/programs/trainer.mjs good
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const say = (message) => process.stdout.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
/** Ends once what was said has been written. */
const leave = (status) => process.stdout.write('', () => process.exit(status));

/** What a request measures: a function of it, so that tests know. */
const measured = ({ architecture, seed }) => ({ acc: architecture.length + (seed % 97) / 97 });

const modes = {
  good: ({ id, ...request }) => say({ id, metrics: measured(request) }),
  once: (request) => (modes.good(request), leave(0)),
  slow: async (request) => (await sleep(request.seed % 23), modes.good(request)),
  curve: ({ id, ...request }) => {
    for (let step = 1; step <= 3; ++step) say({ id, step, metrics: { loss: 1 / step } });
    process.stderr.write('epoch 3 done\n');
    say({ id, metrics: measured(request) });
  },
  chatty: (request) => {
    say('loading data...');
    say('[1, 2, 3]');
    modes.good(request);
  },
  // Ends with an error once it has answered, as a program does whose clean-up fails.
  dies: (request) => (modes.good(request), leave(1)),
  bar: async (request) => {
    for (let beat = 0; beat < 6; ++beat) {
      await sleep(100);
      process.stdout.write(`\r${beat}/6 ${'='.repeat(400_000)}`);
    }
    process.stdout.write('\r\n');
    modes.good(request);
  },
  two: ({ id, ...request }) => say({ id, metrics: measured(request), error: 'diverged' }),
  step: ({ id, ...request }) => say({ id, step: 'last', metrics: measured(request) }),
  error: ({ id }) => say({ id, error: 'CUDA out of memory' }),
  infeasible: ({ id }) => say({ id, infeasible: 'more than 24 GiB' }),
  crash: () => (process.stderr.write('Traceback:\nValueError: shapes\n'), leave(3)),
  quits: () => leave(0),
  silent: () => {},
  deaf: () => process.on('SIGTERM', () => {}),
  alive: async ({ id, ...request }) => {
    for (let beat = 0; beat < 6; ++beat) {
      await sleep(100);
      say({ id, alive: true });
    }
    say({ id, metrics: measured(request) });
  },
  garbage: ({ id }) => say(`{"id":${id},"metrics":{"acc":`),
  nan: ({ id }) => say(`{"id": ${id}, "metrics": {"acc": NaN}}`),
  huge: ({ id }) => say(`{"id": ${id}, "metrics": {"acc": 1e999}}`),
  long: ({ id }) => say(`{"id":${id},"metrics":{"acc":1},"note":"${'x'.repeat(10_000_000)}"}`),
  twice: (request) => (modes.good(request), modes.good(request)),
  unknown: (request) => (say({ id: request.id + 1000, metrics: { acc: -1 } }), modes.good(request)),
  lacking: ({ id }) => say({ id, metrics: { other: 1 } }),
  empty: ({ id }) => say({ id }),
  flaky: (request) => (request.attempt === 1 ? modes.error(request) : modes.good(request)),
  worker: ({ id }) => say({ id, metrics: { acc: Number(process.env.OPTIPROXY_WORKER), pid: process.pid } }),
  // A process of its own group and session, that does not listen and whose parent is gone.
  tree: ({ id }) => {
    const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)";
    const { pid } = spawn(process.execPath, ['-e', stubborn], { detached: true, stdio: 'ignore' });
    say({ id, step: 0, metrics: { pid } });
  },
  leaves: (request) => {
    const { pid } = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    say({ id: request.id, metrics: { acc: 1, pid, place: Number(process.env.OPTIPROXY_WORKER) } });
    leave(0);
  },
};

const [mode] = process.argv.slice(2);
for await (const line of createInterface({ input: process.stdin })) await modes[mode](JSON.parse(line));
