// Times everything that is worth timing.  Fresh process a case, one core, round after round over all cases (A B C A B C),
// so that what the machine does meanwhile meets them all alike; peers in between.
//
//   npm run bench                                        builds what is stale, then runs this; --help lists the options
//
// The table in the README, after the kernels changed, on a machine with nothing else to do (add --table nasbench201.csv
// for the searches of NAS-Bench-201):
//
//   npm run bench -- --out bench/results/latest.json && node bench/table.mjs
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { built } from './fixtures.mjs';
import { describe, load, output, pinnedCore, root, stopOnSignals } from './machine.mjs';
import { help, readOptions, WrongUse } from './options.mjs';
import { compare, findPeers, runPeer } from './peers.mjs';
import { fileText, text } from './report.mjs';
import { show, summary } from './stats.mjs';

const say = (line) => process.stderr.write(`${line.replace(/\s*\n\s*/g, ' ')}\n`);

/** Instruction set that the cases run on.  Throws what the addon says of one that it cannot run. */
function selectIsa(name) {
  if (name !== undefined) process.env.OPTIPROXY_ISA = name; // and for every child
  try {
    return built('native').native().info().isa;
  } catch (error) {
    if (error.code === 'INVALID_ARGUMENT') throw new WrongUse(error.message, { cause: error });
    throw error;
  }
}

/** All cases of the chosen questions as { question, number, ...case }, and the questions' titles. */
async function gather({ only, quick, table }) {
  const titles = new Map();
  const cases = [];
  for (const question of only) {
    const { title, cases: list } = await import(`./${question}.mjs`);
    titles.set(question, title);
    list({ quick, table }).forEach((one, number) => cases.push({ ...one, question, number, results: [] }));
  }
  return { titles, cases };
}

async function runCase(one, { quick, table }, core) {
  const script = path.join(root, 'bench', 'harness.mjs');
  const settings = JSON.stringify({ quick, table });
  const args = ['--expose-gc', script, one.question, String(one.number), settings];
  try {
    const printed = await output(process.execPath, args, { core: one.pinned === false ? undefined : core });
    one.results.push(JSON.parse(printed));
  } catch (error) {
    throw new Error(`${one.question}, ${one.name}: ${error.message}`, { cause: error });
  }
}

/** One round: the cases of a question in turn, each peer after the last question that it answers. */
async function runRound(label, { titles, cases }, peers, skipped, options, core) {
  for (const question of titles.keys()) {
    for (const one of cases.filter((candidate) => candidate.question === question)) {
      await runCase(one, options, core);
      say(`${label} ${question}: ${one.name} ${show(one.results.at(-1).value, one.unit)}`);
    }
    for (const peer of peers.filter(({ questions }) => questions.findLast((q) => titles.has(q)) === question)) {
      if (peer.failed === true) continue;
      try {
        await runPeer(peer, core);
        say(`${label} ${peer.name} done`);
      } catch (error) {
        peer.failed = true;
        skipped.push(`${peer.name}: ${error.message}`);
        say(`skipped: ${skipped.at(-1)}`);
      }
    }
  }
}

function extrasOf(results) {
  const keys = Object.keys(results[0].extra ?? {});
  if (keys.length === 0) return {};
  return { extra: Object.fromEntries(keys.map((key) => [key, summary(results.map(({ extra }) => extra[key]))])) };
}

/** The object that --json prints: medians, extremes and every round's value, in the unit that stands beside them. */
async function bench(options) {
  const isa = selectIsa(options.isa);
  const core = pinnedCore();
  const found = await gather(options);
  const { peers, skipped } = findPeers(options);
  for (const line of skipped) say(`skipped: ${line}`);
  const machine = describe(isa);
  const start = load();
  for (let round = 1; round <= options.rounds; ++round) {
    await runRound(`round ${round} of ${options.rounds},`, found, peers, skipped, options, core);
  }
  const ours = new Map([...found.titles.keys()].map((question) => [question, new Map()]));
  for (const { question, name, results } of found.cases) ours.get(question).set(name, results);
  const result = {
    schema: 1,
    ...machine,
    ...{ rounds: options.rounds, quick: options.quick, core, load: { start, end: load() } },
    cases: found.cases.map(({ question, name, unit, threads = 1, pinned = true, results }) => ({
      ...{ question, name, unit, threads, pinned: pinned && core !== undefined },
      ...summary(results.map(({ value }) => value)),
      ...extrasOf(results),
    })),
    peers: peers.flatMap((peer) => compare(peer, ours)),
    skipped,
  };
  return { result, titles: found.titles };
}

/** Writes a file whole or not at all. */
function write(file, content) {
  writeFileSync(`${file}.${process.pid}`, content);
  renameSync(`${file}.${process.pid}`, file);
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(help);
  else {
    stopOnSignals();
    const { result, titles } = await bench(options);
    if (options.out !== undefined) write(options.out, fileText(result));
    process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : text(result, titles));
  }
} catch (error) {
  say(`optiproxy: ${error.message}`);
  process.exitCode = error instanceof WrongUse ? 2 : 1;
}
