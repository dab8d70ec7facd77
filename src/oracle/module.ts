import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { OptiProxyError } from '../errors.js';
import type { OracleContext } from './context.js';

/** What an oracle in a module looks like; the study checks what it answers. */
export type ModuleOracle = (architecture: string, context: OracleContext) => Promise<Record<string, number>>;

/** The default export of a JavaScript module (ESM or CommonJS).  Throws `INVALID_ARGUMENT` if there is no function. */
export async function moduleOracle(file: string): Promise<ModuleOracle> {
  const full = path.resolve(file);
  if (!existsSync(full)) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'oracle module',
      expected: 'a JavaScript file',
      given: `no such file ${file}`,
    });
  }
  const loaded = (await import(pathToFileURL(full).href).catch((cause: unknown) => {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: `oracle module ${file}`,
      expected: 'a module that loads',
      given: cause instanceof Error ? cause.message : cause,
      cause,
    });
  })) as { default?: unknown };
  // A CommonJS module that was compiled from ESM has its default one level deeper.
  const candidates = [loaded.default, (loaded.default as { default?: unknown } | undefined)?.default];
  const oracle = candidates.find((value) => typeof value === 'function');
  if (oracle === undefined) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: `oracle module ${file}`,
      expected: 'a default export (architecture, { signal, seed, budget }) => Promise<{ metric: number }>',
      given: typeof loaded.default,
    });
  }
  return oracle as ModuleOracle;
}
