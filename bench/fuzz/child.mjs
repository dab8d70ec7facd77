// Runs one target in this process, input after input, until it has done what it was told or the process dies.  Before an
// input is tried it stands in the file `current`, behind a line of JSON with what happened so far, so that nothing is lost
// with the process.
//
//   node bench/fuzz/child.mjs '{"target":"spaces","seed":1,"from":0,"to":100,"ends":1e15,"memory":1024,"work":"/tmp/x"}'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { built, root } from './support.mjs';

const settings = JSON.parse(process.argv[2]);
const current = path.join(settings.work, 'current');
/** Resident bytes past which a process gives way to a fresh one: what leaks slowly is no crash. */
const FAT = 700 * 2 ** 20;
/** No message is longer: what is given is cut, and lists of names are short in these inputs. */
const LONGEST_MESSAGE = 2000;

/** Status of a harness that fails itself. */
const BROKEN = 3;

const { Draws, deriveSeed } = built('random');
const { OptiProxyError } = built('errors');

/** `targets/NAME.mjs`, or a file of one's own. */
async function open(name) {
  const own = path.join(root, 'bench', 'fuzz', 'targets', `${name}.mjs`);
  const { open } = await import(pathToFileURL(existsSync(own) ? own : path.resolve(name)));
  const folder = path.join(settings.work, 'files');
  mkdirSync(folder, { recursive: true });
  return open(folder);
}

/** What an error is, without what differs from one input to the next. */
function signature(error) {
  const at = /at .*?((?:dist|targets|node_modules)\/\S+?):\d+\)?$/m.exec(error?.stack ?? '')?.[1] ?? '';
  const text = `${error?.name}${error?.code === undefined ? '' : ` ${error.code}`}: ${error?.message ?? error}`;
  return `${text
    .split('\n')[0]
    .replaceAll(/\([^)]*\)|\d+|"[^"]*"|\/\S+|\|\S+\|/g, '_')
    .slice(0, 120)} ${at}`.trim();
}

/** `accepted`, the code of a proper error, or what is wrong. */
async function outcomeOf(target, input) {
  const before = process.resourceUsage().maxRSS;
  let outcome = 'accepted';
  try {
    await target.attempt(input);
  } catch (error) {
    if (!(error instanceof OptiProxyError) || !target.codes.includes(error.code))
      return { crash: signature(error), error };
    if (error.message.length > LONGEST_MESSAGE || /\p{Cc}/u.test(error.message))
      return { crash: `a message that is no line: ${signature(error)}`, error };
    outcome = error.code;
  }
  const grown = (process.resourceUsage().maxRSS - before) / 1024;
  return grown > settings.memory ? { crash: 'memory beyond the bound', error: `${grown} MiB` } : { outcome };
}

const state = { target: settings.target, seed: settings.seed, number: settings.from, tally: settings.tally };
const save = (file, header, input) => writeFileSync(file, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), input])); // prettier-ignore

function note({ outcome, crash, error }, input) {
  const { tally, target, seed, number } = state;
  ++tally.executions;
  if (crash === undefined) {
    tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + 1;
    return;
  }
  const found = (tally.crashes[crash] ??= { count: 0, file: path.join(settings.out, `${path.basename(target)}-${seed}-${number}`) }); // prettier-ignore
  if (++found.count === 1)
    save(found.file, { target, seed, number, crash, error: error?.stack ?? String(error) }, input);
}

// What fails behind an input's back, as a promise that nobody awaits, is its crash too.
let stray;
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, (error) => (stray ??= { error }));

/** Tries an input, and waits for what that left behind. */
async function attempt(target, input) {
  stray = undefined;
  const result = await outcomeOf(target, input);
  await new Promise(setImmediate);
  return stray === undefined ? result : { crash: `behind its back: ${signature(stray.error)}`, ...stray };
}

async function replay(file) {
  const whole = readFileSync(file);
  const { outcome, crash, error } = await attempt(await open(settings.target), whole.subarray(whole.indexOf('\n') + 1));
  process.stdout.write(crash === undefined ? `${outcome}\n` : `crash: ${crash}\n${error?.stack ?? error}\n`);
  return crash === undefined ? 0 : 1;
}

async function fuzz() {
  const target = await open(settings.target);
  state.foreign = target.foreign; // whose death it is
  for (let number = settings.from; number < settings.to && Date.now() < settings.ends; ++number) {
    const input = await target.make(new Draws(deriveSeed(settings.seed, 0, number)), number);
    state.number = number;
    save(current, state, input);
    note(await attempt(target, input), input);
    state.number = number + 1;
    if (process.memoryUsage.rss() > FAT) break;
  }
  save(current, state, Buffer.alloc(0));
  return 0;
}

try {
  process.exit(settings.replay === undefined ? await fuzz() : await replay(settings.replay)); // whatever is still open
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  process.exit(BROKEN);
}
