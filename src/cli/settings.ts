import { z } from 'zod';
import { OptiProxyError } from '../errors.js';
import { readAs, readSource, strict } from '../yaml.js';

const text = z.string().min(1);
const count = z.number().int().min(1);

/** Everything that `search` can be told, by flag or in a file; names are the flags'. */
export const settingsSchema = strict({
  space: text,
  isomorphism: text,
  oracle: text,
  key: z.union([text, z.array(text)]),
  missing: text,
  repeated: text,
  pool: text,
  objective: text,
  report: z.union([text, z.array(text)]).transform((v) => (typeof v === 'string' ? [v] : v)),
  queries: count,
  init: count,
  batch: count,
  seed: z.number().int().min(0),
  method: text,
  preset: text,
  concurrency: count,
  threads: count,
  out: text,
  json: z.boolean(),
  quiet: z.boolean(),
});

/** As given: every key is optional, defaults come later. */
export type Settings = { [K in keyof z.infer<typeof settingsSchema>]?: z.infer<typeof settingsSchema>[K] | undefined };

/** Reads a YAML (or JSON) file of settings.  Throws `INVALID_ARGUMENT` naming file, line and key. */
export function readSettings(file: string): Settings {
  const source = readSource(file, 'config file');
  return readAs(source, settingsSchema.partial(), source.content ?? {});
}

/** A setting that must be given. */
export function required<T>(value: T | undefined, flag: string, hint: string): T {
  if (value === undefined) {
    throw new OptiProxyError('INVALID_ARGUMENT', { what: flag, expected: 'a value', given: 'none', hint });
  }
  return value;
}
