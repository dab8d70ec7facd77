// dist/ from src/: CommonJS by tsc, and a thin ESM wrapper that re-exports its names, so that a program that loads both
// has one set of classes and one native addon.
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { die, root, run } from './process.mjs';

const dist = path.join(root, 'dist');
rmSync(dist, { recursive: true, force: true });
if (!run('npx', ['tsc', '-p', 'tsconfig.build.json'])) die('build: tsc failed');
const names = Object.keys(createRequire(import.meta.url)(path.join(dist, 'index.js')));
writeFileSync(
  path.join(dist, 'index.mjs'),
  `import optiproxy from './index.js';\nexport const { ${names.join(', ')} } = optiproxy;\n`,
);
writeFileSync(path.join(dist, 'index.d.mts'), "export * from './index.js';\n");
chmodSync(path.join(dist, 'cli', 'main.js'), 0o755);
