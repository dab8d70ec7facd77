import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { version } from '../../package.json';
import { cli, errorLine } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';
import { cells, hwPickles, nasbench201Pickles, op, pickleOf } from '../support/pickles.js';
import { modelMetrics, tfRecords, training } from '../support/tfrecords.js';

const folder = scratchFolder();
const at = (name: string): string => path.join(folder.path, name);
const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

test('a table and its provenance; the same file gives the same bytes', async () => {
  const source = folder.write('nb201_all.pickle', nasbench201Pickles[4]!);
  const { status, stdout, stderr } = await cli(['import', source, '--out', at('nb201.csv.gz')]);
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  expect(stderr).toBe(
    `optiproxy: read 2 architectures of nasbench201\noptiproxy: wrote ${at('nb201.csv.gz')} and ${at('nb201.provenance.json')}\n`,
  );
  expect(gunzipSync(readFileSync(at('nb201.csv.gz'))).toString()).toMatch(/^arch,cifar10_valid_train_loss,/);
  expect(JSON.parse(readFileSync(at('nb201.provenance.json'), 'utf8'))).toEqual({
    schema: 1,
    source: { name: 'nb201_all.pickle', sha256: sha256(source), bytes: statSync(source).size },
    kind: 'nasbench201',
    table: { name: 'nb201.csv.gz', sha256: sha256(at('nb201.csv.gz')) },
    rows: 2,
    columns: ['arch', 'cifar10_valid_train_loss', 'cifar10_valid_eval_acc', 'cifar10_valid_flops', 'cifar10_valid_params', 'cifar10_valid_latency', 'cifar100_eval_acc'], // prettier-ignore
    version,
    created: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
  });
  const again = await cli(['import', source, '--out', at('again.csv.gz'), '--kind', 'nasbench201', '--quiet']);
  expect(again).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(sha256(at('again.csv.gz'))).toBe(sha256(at('nb201.csv.gz')));
});

test('HW-NAS-Bench, in a folder that is not there yet', async () => {
  const source = folder.write('hw.pickle', hwPickles[2]!);
  const out = at('new/folder/hw.csv');
  const { status } = await cli(['import', source, '--out', out, '--dataset', 'cifar10', '--quiet']);
  expect(status).toBe(0);
  expect(readFileSync(out, 'utf8')).toContain(`${cells[1]},2.25,-1,-3\n`);
  expect(JSON.parse(readFileSync(at('new/folder/hw.provenance.json'), 'utf8'))).toMatchObject({ dataset: 'cifar10' });
});

test('NAS-Bench-101', async () => {
  const metrics = modelMetrics(227_274, [100, 0.5, 0.25]);
  const record = training('0'.repeat(32), 108, '010001000', 'input,conv3x3-bn-relu,output', metrics);
  const source = folder.write('nb101.tfrecord', tfRecords(record));
  expect(await cli(['import', source, '--out', at('nb101.csv'), '--quiet'])).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(at('nb101.csv'), 'utf8')).toMatch(/\n0{32},3,101,c3,227274,0\.5,0\.25,100\n$/);
});

describe('wrong use: status 2, one line, and no file', () => {
  const good = folder.write('good.pickle', nasbench201Pickles[4]!);
  const hostile = folder.write('hostile.pickle', pickleOf(op.proto, op.global('os', 'system'), op.text('touch run'), op.tuple1, op.reduce, op.stop)); // prettier-ignore
  const cut = folder.write('cut.pickle', nasbench201Pickles[4]!.subarray(0, 200));

  test.each<[string, string[], RegExp]>([
    ['no output', [good], /^--out: expected a file for the table, given "none"/],
    ['another ending', [good, '--out', 'x.json'], /^--out: expected a name that ends in \.csv or \.csv\.gz/],
    ['no name', [good, '--out', '.csv'], /^--out: expected a name that ends in/],
    ['no file', ['--out', 'x.csv'], /^missing required argument 'file'/],
    [
      'a missing file',
      ['no.pickle', '--out', 'x.csv'],
      /^no\.pickle: expected a readable benchmark's file.*no such file/,
    ],
    ['a folder', [folder.path, '--out', 'x.csv'], /expected a benchmark's file, given "a folder"/],
    ['an unknown kind', [good, '--out', 'x.csv', '--kind', 'nb'], /^--kind: expected one of nasbench201, hw-nas-bench/],
    ['an unknown dataset', [good, '--out', 'x.csv', '--dataset', 'mnist'], /^--dataset: expected one of cifar10/],
    ['a dataset of another kind', [good, '--out', 'x.csv', '--dataset', 'cifar10'], /^--dataset: expected no dataset/],
    [
      'another kind',
      [good, '--out', 'x.csv', '--kind', 'nasbench101'],
      /expected a file of nasbench101, given "what looks/,
    ],
    ['a hostile pickle', [hostile, '--out', 'x.csv'], /expected a pickle of plain data.*given "os\.system"/],
    ['a cut pickle', [cut, '--out', 'x.csv'], /more bytes, given "the end of the file"/],
    [
      'a table',
      [folder.write('t.csv', 'arch,acc\n'), '--out', 'x.csv'],
      /expected a pickle of protocol 2 to 5, or a TFRecord/,
    ],
  ])('%s', async (_name, args, message) => {
    const before = readdirSync(folder.path);
    const line = errorLine(await cli(['import', ...args], { cwd: folder.path }), { status: 2 });
    expect(line).toMatch(message);
    expect(readdirSync(folder.path)).toEqual(before);
  });

  test('the source itself', async () => {
    const source = folder.write('same.csv', nasbench201Pickles[4]!);
    const line = errorLine(await cli(['import', source, '--out', source]), { status: 2 });
    expect(line).toMatch(/^--out: expected another file than the one that is read/);
    expect(readFileSync(source)).toEqual(nasbench201Pickles[4]);
  });
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s while it reads: status 130, and the old table stays', async (signal) => {
  // Two million lists, one after the other: long enough to be interrupted, harmless if not.
  const piece = Buffer.concat([
    Buffer.of(0x28),
    Buffer.alloc(9000, Buffer.of(0x47, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0)),
    Buffer.of(0x65),
  ]);
  const head = pickleOf(op.proto, op.list);
  const source = folder.write(`${signal}.pickle`, Buffer.concat([head, ...Array<Buffer>(30_000).fill(piece)]));
  const out = at(`${signal}.csv`);
  writeFileSync(out, 'old');
  const before = readdirSync(folder.path);
  const during = (child: ChildProcess): void => void setTimeout(() => child.kill(signal), 700);
  const { status, signal: died, stdout, stderr } = await cli(['import', source, '--out', out], { during });
  // On a slow machine the signal comes before the program listens, and ends it as it ends any.
  expect(died === signal ? 130 : status).toBe(130);
  expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
  expect(readFileSync(out, 'utf8')).toBe('old');
  expect(readdirSync(folder.path)).toEqual(before);
});

test('help says how', async () => {
  const { status, stdout } = await cli(['import', '--help']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/--dataset/);
  expect(stdout).toMatch(/optiproxy import nasbench_only108\.tfrecord --out nasbench101\.csv\.gz/);
});
