// Makes a fresh clone ready: installs, builds the addon and the TypeScript, each only where something is out of date.
import { available, die, newest, root, run } from './process.mjs';

const addon = 'build/Release/optiproxy.node';

function step(name, command, args, env = {}) {
  const start = Date.now();
  console.error(`> ${name}`);
  if (!run(command, args, env)) die(`setup: ${name} failed (hint: the output above says why)`);
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

export function setup() {
  process.chdir(root);
  if (newest('node_modules/.package-lock.json') < newest('package-lock.json')) {
    checkTools();
    // Nothing is downloaded but from the package registry: onnxruntime-node would fetch its CUDA build otherwise, and
    // better-sqlite3 what somebody else compiled.
    const env = { ONNXRUNTIME_NODE_INSTALL: 'skip', npm_config_build_from_source: 'true' };
    step('install and build the addon', 'npm', ['ci', '--no-audit', '--no-fund'], env);
  }
  if (newest(addon) < newest('native/core', 'native/cpu', 'native/node', 'binding.gyp')) {
    checkTools();
    step('build the addon', 'npm', ['run', 'build:addon']);
  }
  if (distIsStale()) step('build the TypeScript', 'npm', ['run', 'build:ts']);
}
