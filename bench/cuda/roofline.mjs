// On paper: what the CUDA backend's launches must do at least, of what a GPU can.
//   node bench/cuda/roofline.mjs [--json] [--tflops N] [--tbs N]
// Ceilings are those of a data sheet unless given.  Nothing here is measured.
import { parseArgs } from 'node:util';
import { dataSheet, paperShape, scan, summed, total, trainStep } from './model.mjs';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    tflops: { type: 'string', default: String(dataSheet.flops / 1e12) },
    tbs: { type: 'string', default: String(dataSheet.bandwidth / 1e12) },
  },
});
const ceilings = { flops: Number(values.tflops) * 1e12, bandwidth: Number(values.tbs) * 1e12 };
const train = summed(trainStep(paperShape, 1024), ceilings);
const scanned = summed(scan(paperShape, 1e7), ceilings);

if (values.json) {
  console.log(JSON.stringify({ ceilings, shape: paperShape, train, scanned }));
} else {
  const table = (lines) => {
    console.log('| kernel | GFLOP | MB | at least, us | bound by |\n| --- | --- | --- | --- | --- |');
    for (const { kernel, operations, bytes, microseconds } of lines) {
      const bound = operations / ceilings.flops > bytes / ceilings.bandwidth ? 'operations' : 'bytes';
      console.log(
        `| ${kernel} | ${(operations / 1e9).toFixed(2)} | ${(bytes / 1e6).toFixed(1)} | ${microseconds.toFixed(1)} | ${bound} |`,
      );
    }
  };
  console.log('A train step, batch 1,024:\n');
  table(train);
  console.log(`\nTogether ${total(train).toFixed(0)} us.\n\nA scan of ten million architectures:\n`);
  table(scanned);
  console.log(`\nTogether ${(total(scanned) / 1e6).toFixed(1)} s.`);
}
