import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder of its own for the tests of one file, removed after them. */
export function scratchFolder(): { path: string; write(name: string, content: string | Uint8Array): string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'optiproxy-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    path: folder,
    write(name, content) {
      const file = path.join(folder, name);
      writeFileSync(file, content);
      return file;
    },
  };
}
