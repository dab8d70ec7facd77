// The main job on the embedded default: searches Digits-201 and shows the winner.  Arguments are passed on to `search`.
import { run } from './process.mjs';
import { setup } from './setup.mjs';

await setup();
const stamp = new Date().toISOString().replace(/[:.]/g, '-');
const defaults = ['--space', 'digits201', '--queries', '60', '--seed', '1', '--out', `runs/digits201-${stamp}.json`];
process.exitCode = run(process.execPath, ['dist/cli/main.js', 'search', ...defaults, ...process.argv.slice(2)]) ? 0 : 1;
