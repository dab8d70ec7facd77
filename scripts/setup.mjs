// Makes a fresh clone ready: installs, builds the addon and the TypeScript, each only where something is out of date.
import { allOf, available, die, hear, newest, root } from './process.mjs';

const addon = 'build/Release/optiproxy.node';

async function step(name, command, args) {
  const start = Date.now();
  console.error(`> ${name}`);
  const { ok, said } = await hear(command, args);
  if (!ok) die(`${said}\nsetup: ${name} failed (hint: the output above says why)`);
  console.error(`> ${name}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

/** Ends with one line if what compiles the addon is missing; node-gyp says this too, but 200 lines long. */
function checkTools() {
  for (const tool of ['g++', 'make', 'python3']) {
    if (process.platform === 'linux' && !available(tool)) {
      die(`setup: expected ${tool} on the PATH, given none (hint: on Debian, apt-get install g++ make python3)`);
    }
  }
}

/** Whether dist/ is missing or older than what it is made of. */
export function distIsStale() {
  return newest('dist/index.mjs') < newest('src', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build-ts.mjs');
}

export async function setup() {
  process.chdir(root);
  const install = newest('node_modules/.package-lock.json') < newest('package-lock.json');
  if (install) {
    checkTools();
    // Nothing is downloaded but from the package registry, as scripts of packages would (onnxruntime-node its CUDA build,
    // better-sqlite3 what somebody else compiled); the one package that needs its script is compiled below.
    await step('install', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  }
  const steps = [];
  // First, being the longest: it is a single file.
  if (newest('node_modules/better-sqlite3/build/Release/better_sqlite3.node') === 0) {
    const compile = ['explore', 'better-sqlite3', '--', 'npm run build-release'];
    steps.push(() => step('build better-sqlite3', 'npm', compile));
  }
  if (install || newest(addon) < newest('native/core', 'native/cpu', 'native/node', 'binding.gyp')) {
    checkTools();
    steps.push(() => step('build the addon', 'npm', ['run', install ? 'install' : 'build:addon']));
  }
  if (distIsStale()) steps.push(() => step('build the TypeScript', 'npm', ['run', 'build:ts']));
  await allOf(steps);
}
