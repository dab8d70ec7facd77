// Stands before nvcc when CMake compiles: what it says of an object's kernels is kept beside the object, where
// scripts/cuda-kernels.mjs reads it, and shown only if it fails, for it says much.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const [command, ...args] = process.argv.slice(2);
const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
const said = `${stdout ?? ''}${stderr ?? ''}${error ?? ''}`;
if (status !== 0) console.error(said);
else if (args.includes('-o')) writeFileSync(`${args[args.indexOf('-o') + 1]}.ptxas`, said);
process.exitCode = status ?? 1;
