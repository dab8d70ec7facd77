import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { version } from '../../package.json';
import { cli, errorLine, root } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';

interface Doctor {
  addon: { loaded: boolean; isa?: string; isas?: string[]; error?: string };
}

test('a sound installation: status 0', async () => {
  const { status, stdout, stderr } = await cli(['doctor', '--json']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const report = JSON.parse(stdout) as Doctor;
  expect(report).toMatchObject({ schema: 1, version, node: process.version, addon: { loaded: true } });
  expect(report.addon.isas).toContain(report.addon.isa);
  expect((await cli(['doctor'])).stdout).toMatch(new RegExp(`^optiproxy +${version}\\n`));
});

test('OPTIPROXY_ISA forces every instruction set that the machine has', async () => {
  const { addon } = JSON.parse((await cli(['doctor', '--json'])).stdout) as Doctor;
  for (const isa of addon.isas!) {
    const forced = JSON.parse((await cli(['doctor', '--json'], { env: { OPTIPROXY_ISA: isa } })).stdout) as Doctor;
    expect(forced.addon.isa).toBe(isa);
  }
});

describe('an installation without a working addon', () => {
  const folder = scratchFolder();
  const script = path.join(folder.path, 'dist', 'cli', 'main.js');
  beforeAll(() => {
    cpSync(path.join(root, 'dist'), path.join(folder.path, 'dist'), { recursive: true });
    cpSync(path.join(root, 'data'), path.join(folder.path, 'data'), { recursive: true });
    cpSync(path.join(root, 'package.json'), path.join(folder.path, 'package.json'));
    symlinkSync(path.join(root, 'node_modules'), path.join(folder.path, 'node_modules'));
  });

  async function check(said: RegExp): Promise<void> {
    const doctor = await cli(['doctor', '--json'], { script });
    expect(doctor.status).toBe(1);
    expect(JSON.parse(doctor.stdout)).toMatchObject({
      addon: { loaded: false, error: expect.stringMatching(said) as string },
    });
    expect((await cli(['doctor'], { script })).stdout).toMatch(said);
    const search = await cli(['search', '--space', 'digits201', '--queries', '5'], { script });
    expect(errorLine(search, { status: 1 })).toMatch(said);
    expect((await cli(['spaces'], { script })).status).toBe(0);
    expect((await cli(['--help'], { script })).status).toBe(0);
  }

  test('missing', () => check(/native addon: expected a file .*optiproxy\.node.*npm rebuild optiproxy/));

  test('damaged', async () => {
    mkdirSync(path.join(folder.path, 'build', 'Release'), { recursive: true });
    writeFileSync(path.join(folder.path, 'build', 'Release', 'optiproxy.node'), 'not a library');
    await check(/native addon: expected .*optiproxy\.node to load, given .*npm rebuild optiproxy/);
  });
});
