import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { cli, errorLine, root, searchJson } from '../support/cli.js';

/** The addon that `npm run build:cuda` makes; in `native`, with `-- --emulated`, its kernels on the host. */
const addonOf = (folder: 'cuda' | 'native'): string => path.join(root, 'build', folder, 'Release', 'optiproxy.node');
const networks = ['--space', 'digits201', '--queries', '13', '--preset', 'networks', '--seed', '4', '--init', '10'];

/** Whether there is such an addon; says so if not. */
function found(addon: string): boolean {
  if (!existsSync(addon)) console.log(`skipped: no ${addon} (npm run build:cuda, with \`-- --emulated\` the second)`);
  return existsSync(addon);
}

interface Cuda {
  built: boolean;
  usable: boolean;
  emulated: boolean;
  words: string;
}

async function cudaOf(addon: string): Promise<Cuda> {
  const { status, stdout } = await cli(['doctor', '--json'], { env: { OPTIPROXY_ADDON: addon } });
  expect(status).toBe(0);
  return (JSON.parse(stdout) as { addon: { cuda: Cuda } }).addon.cuda;
}

describe('without CUDA', () => {
  test('doctor says so, cuda is refused, auto is the cpu', async () => {
    const { stdout } = await cli(['doctor', '--json']);
    const { cuda } = (JSON.parse(stdout) as { addon: { cuda: Cuda } }).addon;
    if (cuda.built) return console.log('skipped: the default addon was built with CUDA');
    expect(cuda).toEqual({ built: false, usable: false, emulated: false, mostNodes: 0, words: 'not built' });
    expect((await cli(['doctor'])).stdout).toMatch(/^cuda +not built \(docs\/cuda.md says how\)/m);
    expect(errorLine(await cli(['search', ...networks, '--device', 'cuda']), { status: 1 })).toBe(
      'device: expected a GPU that CUDA can use, given "a build without CUDA" (hint: docs/cuda.md says how to build it; `auto` takes the cpu)',
    );
    // What has no network needs no GPU.
    const random = ['--space', 'digits201', '--queries', '3', '--method', 'random', '--device', 'cuda'];
    expect((await searchJson(random)).device).toBe('cpu');
    expect(errorLine(await cli(['search', ...networks, '--device', 'gpu']), { status: 2 })).toMatch(
      /device: expected one of auto, cpu, cuda, given "gpu"/,
    );
    expect((await searchJson([...networks, '--device', 'auto'])).device).toBe('cpu');
  });
});

describe('an addon with CUDA on a machine without a GPU', () => {
  const addon = addonOf('cuda');
  const env = { OPTIPROXY_ADDON: addon };

  test('loads, says why CUDA is not used, and searches on the cpu as the default addon does', async () => {
    if (!found(addon)) return;
    const cuda = await cudaOf(addon);
    if (cuda.usable) return console.log(`skipped: there is a GPU, ${cuda.words}`);
    expect(cuda).toEqual({
      built: true,
      usable: false,
      emulated: false,
      mostNodes: 64,
      words: expect.stringMatching(/^no NVIDIA (driver|GPU)/) as string,
    });
    expect((await cli(['doctor'], { env })).stdout).toMatch(
      /^cuda +built, not used: no NVIDIA .*; networks are computed on the cpu$/m,
    );
    expect(errorLine(await cli(['search', ...networks, '--device', 'cuda'], { env }), { status: 1 })).toMatch(
      /^device: expected a GPU that CUDA can use, given "no NVIDIA/,
    );
    const [with_, without] = await Promise.all([searchJson(networks, { env }), searchJson(networks)]);
    expect(with_.device).toBe('cpu');
    expect(with_.trace).toEqual(without.trace);
  });
});

/** Thirty architectures that networks, alone or beside a Gaussian process, ask for, of a metric that is a sum over genes; printed as JSON. */
const search = `
const { History } = require('./dist/baselines/history.js');
const { OptiProxySearch } = require('./dist/search/optiproxy.js');
const { presetFor } = require('./dist/search/presets.js');
const { spaces } = require('./dist/space/index.js');
const space = spaces.nasbench201();
const [device, name] = process.argv.slice(1);
const usual = presetFor(name, space.id, 'acc');
const preset = {
  ...usual,
  ...(usual.mixture === undefined ? {} : { mixture: { ...usual.mixture, joinsAfter: 14 } }),
  model: { kind: 'gcn', members: 2, layers: 2, hidden: 16 },
  fit: { ...usual.fit, epochs: 30, dropout: 0.1 },
  climb: { ...usual.climb, steps: 20, restarts: 4 },
  wholeSpace: 0,
};
const method = new OptiProxySearch(space, 5, preset, 12, { threads: 1, device });
const value = (genes) => genes.reduce((sum, gene, i) => sum + Math.cos(gene * 2 + i) * (i + 1), 0);
(async () => {
  const answers = [];
  while (answers.length < 30) {
    const history = new History(space);
    for (const { genes, value } of answers) history.tell(history.add(genes), value);
    history.advance();
    for (const { genes } of await method.propose(answers.length === 0 ? 12 : 3, history))
      answers.push({ genes, value: value(genes) });
  }
  console.log(JSON.stringify({ isa: method.isa, asked: answers.map(({ genes }) => [...genes]) }));
})();
`;

const presets = ['networks', 'default'];

const asked = (addon: string, device: string, preset: string): { isa: string; asked: number[][] } =>
  JSON.parse(
    execFileSync(process.execPath, ['-e', search, device, preset], {
      cwd: root,
      env: { ...process.env, OPTIPROXY_ADDON: addon },
      encoding: 'utf8',
    }),
  ) as { isa: string; asked: number[][] };

describe('kernels on the host', () => {
  const addon = addonOf('native');

  test('auto leaves them alone', async () => {
    if (!found(addon)) return;
    expect(await cudaOf(addon)).toMatchObject({ built: true, usable: true, emulated: true });
    const env = { OPTIPROXY_ADDON: addon };
    expect((await searchJson([...networks, '--device', 'auto'], { env })).device).toBe('cpu');
    expect(
      errorLine(await cli(['search', ...networks, '--device', 'cuda', '--proxy', 'mlp'], { env }), { status: 2 }),
    ).toMatch(/only the gcn runs on a GPU, given "cuda beside the proxy mlp"/);
  });

  test.each(presets)(
    'a search of NAS-Bench-201 asks for the same first 30 architectures as on the cpu: %s',
    (preset) => {
      if (!found(addon)) return;
      const emulated = asked(addon, 'cuda', preset);
      expect(emulated.isa).toBe('cuda-emulated');
      expect(emulated.asked).toHaveLength(30);
      expect(emulated.asked).toEqual(asked(addon, 'cpu', preset).asked);
    },
  );
});

describe('an addon with CUDA on a machine with a GPU', () => {
  const addon = addonOf('cuda');

  test.each(presets)(
    'a search of NAS-Bench-201 asks for the same first 30 architectures as on the cpu: %s',
    async (preset) => {
      if (!found(addon)) return;
      const { usable, words } = await cudaOf(addon);
      if (!usable) return console.log(`skipped: ${words}`);
      expect(asked(addon, 'cuda', preset)).toEqual({ ...asked(addon, 'cpu', preset), isa: 'cuda' });
    },
  );
});
