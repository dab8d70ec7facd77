// The CUDA backend on the GPU of this machine, beside what its launches must take at least by the ceilings that are
// measured in the same run.
//   npm run bench:cuda [-- --out FILE]     the table, and all of it as JSON
//   npm run bench:cuda -- --emulated       a tiny workload on host fibers: whether the bench itself works
// Launches one by one are waited for, and have in them what an empty one takes: together they take longer than the whole,
// where they are recorded.  Least times are of bytes that come from memory once: what stays in a cache may take less.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { build, programOf } from '../../scripts/cmake.mjs';
import { die } from '../../scripts/process.mjs';
import { describe } from '../machine.mjs';
import { scan, summed, total, trainStep } from './model.mjs';

const { values } = parseArgs({
  options: { out: { type: 'string' }, emulated: { type: 'boolean', default: false } },
});

/** Kernels whose least time is nothing. */
const FREE = ['digit', 'advance'];

/** Kernels as the backend names them, beside their bounds: of launches that do several jobs all together. */
function joined({ launches, units }, rows, ceilings) {
  const bounds = new Map();
  for (const { kernel, microseconds } of summed(rows, ceilings)) {
    const [name] = kernel.split(',');
    bounds.set(name, (bounds.get(name) ?? 0) + microseconds);
  }
  const names = launches.map(({ kernel }) => kernel);
  const strange = [
    ...names.filter((name) => !bounds.has(name) && !FREE.includes(name)),
    ...[...bounds.keys()].filter((name) => !names.includes(name)),
  ];
  if (strange.length > 0) die(`bench:cuda: model.mjs and the backend differ in ${strange.join(', ')}`);
  return launches.map(({ kernel, launches, milliseconds }) => {
    const microseconds = (1e3 * milliseconds) / units;
    const bound = FREE.includes(kernel) ? null : bounds.get(kernel);
    return { kernel, launches: launches / units, microseconds, bound };
  });
}

const way = values.emulated ? 'native' : 'cuda';
if (!build(way, 'optiproxy_cuda_bench')) die('bench:cuda: no program (hint: the output above says why)');
const program = programOf(way, 'optiproxy_cuda_bench');
let said;
try {
  const stdio = ['ignore', 'pipe', 'inherit'];
  said = JSON.parse(execFileSync(program, values.emulated ? ['small'] : [], { encoding: 'utf8', stdio }));
} catch {
  die('bench:cuda: failed (hint: what stands above says why; `npm run bench:cuda -- --emulated` needs no GPU)');
}
const { ceilings, shape } = said;
// A step is one unit of a fit, an architecture one of a scan.
const scanUnits = { ...said.scan, units: 1 };
const train = { whole: (1e3 * said.train.milliseconds) / said.train.units, lines: joined(said.train, trainStep(shape, shape.B), ceilings) }; // prettier-ignore
const scanned = { whole: 1e3 * said.scan.milliseconds, lines: joined(scanUnits, scan(shape, said.scan.units), ceilings) }; // prettier-ignore

function show(title, { whole, lines }, bound) {
  console.log(`\n${title}: ${whole.toFixed(0)} us, at least ${bound.toFixed(0)} us\n`);
  console.log('| kernel | launches | us | at least, us |\n| --- | --- | --- | --- |');
  for (const { kernel, launches, microseconds, bound: least } of lines) {
    console.log(`| ${kernel} | ${launches.toFixed(1)} | ${microseconds.toFixed(1)} | ${least?.toFixed(1) ?? '-'} |`);
  }
}

const { K, H, B } = shape;
console.log(`${said.device}: ${(ceilings.flops / 1e12).toPrecision(3)} TFLOP/s, ${(ceilings.bandwidth / 1e12).toPrecision(3)} TB/s, an empty launch ${(1e3 * said.emptyLaunch).toFixed(1)} us, all measured`); // prettier-ignore
show(`A train step, K = ${K}, hidden ${H}, batch ${B}`, train, total(summed(trainStep(shape, B), ceilings)));
show(`A scan of ${said.scan.units} architectures`, scanned, total(summed(scan(shape, said.scan.units), ceilings)));
console.log(`\nA climb step of ${shape.R} restarts a member: ${((1e3 * said.climb.milliseconds) / said.climb.units).toFixed(0)} us`); // prettier-ignore
if (values.out !== undefined) {
  const result = { machine: describe('cuda'), ...said, roofline: { train, scan: scanned } };
  writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
}
