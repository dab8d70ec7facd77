// The bench on what is in the working tree: builds what is stale, then times it.  Arguments are passed on to bench/run.mjs.
import { run } from './process.mjs';
import { setup } from './setup.mjs';

await setup();
process.exitCode = run(process.execPath, ['bench/run.mjs', ...process.argv.slice(2)]) ? 0 : 1;
