// dist/ from src/: CommonJS by tsc, and a thin ESM wrapper that re-exports its names, so that a program that loads both
// has one set of classes and one native addon.  Built aside and moved into place whole: a program that runs meanwhile
// never meets half a build.
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, run } from './process.mjs';

export function buildTypeScript() {
  const dist = path.join(root, 'dist');
  // One level under the root like dist itself, since the code looks for package.json and the addon from there.
  const fresh = path.join(root, `dist-${process.pid}`);
  mkdirSync(fresh);
  try {
    if (!run('npx', ['tsc', '-p', 'tsconfig.build.json', '--outDir', fresh])) throw new Error('build: tsc failed');
    const names = Object.keys(createRequire(import.meta.url)(path.join(fresh, 'index.js')));
    writeFileSync(
      path.join(fresh, 'index.mjs'),
      `import optiproxy from './index.js';\nexport const { ${names.join(', ')} } = optiproxy;\n`,
    );
    writeFileSync(path.join(fresh, 'index.d.mts'), "export * from './index.js';\n");
    chmodSync(path.join(fresh, 'cli', 'main.js'), 0o755);
    if (existsSync(dist)) renameSync(dist, `${fresh}-old`);
    renameSync(fresh, dist);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(`${fresh}-old`, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildTypeScript();
