import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Writes a file so that it is either the old one or the whole new one, whenever the process dies. */
export async function writeWholeFile(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  const partial = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(partial, content);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** The same for JSON. */
export async function writeJsonFile(file: string, value: unknown): Promise<void> {
  await writeWholeFile(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** A text, or undefined where there is no such file. */
export async function readIfThere(file: string): Promise<string | undefined> {
  return (await bytesIfThere(file))?.toString('utf8');
}

async function bytesIfThere(file: string): Promise<Buffer | undefined> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/**
 * The text of a file that lines are appended to, empty where there is none.  What stands behind the last line feed was being
 * written when a process died: it is taken off the file.
 */
export async function readWholeLines(file: string): Promise<string> {
  const bytes = (await bytesIfThere(file)) ?? Buffer.alloc(0);
  const whole = bytes.lastIndexOf(10) + 1;
  if (whole < bytes.length) await truncate(file, whole);
  return bytes.toString('utf8', 0, whole);
}
