import { z } from 'zod';
import { OptiProxyError } from '../errors.js';
import { readAs, readSource, strict } from '../yaml.js';

const text = z.string().min(1);
const count = z.number().int().min(1);
/** One text may stand without a list. */
const texts = z.union([text, z.array(text)]).transform((v) => (typeof v === 'string' ? [v] : v));

/** Likewise, but not none. */
const someTexts = z.union([text, z.array(text).min(1)]).transform((v) => (typeof v === 'string' ? [v] : v));

/** The longest time that a query may be given: what timers know. */
export const MAX_SECONDS = 2_147_483;

/** What is searched, and for what. */
const taskKeys = {
  space: text,
  isomorphism: text,
  oracle: text,
  key: z.union([text, z.array(text)]),
  missing: text,
  repeated: text,
  pool: text,
  objective: someTexts,
  report: texts,
  metric: texts,
  constraint: texts,
  queries: count,
};

/** How to answer. */
const outputKeys = {
  out: text,
  json: z.boolean(),
  quiet: z.boolean(),
};

/** Everything that `search` can be told, by flag or in a file; names are the flags'. */
export const settingsSchema = strict({
  ...taskKeys,
  epochs: count,
  fidelity: text,
  'fidelity-table': text,
  reference: texts,
  unit: texts,
  export: text,
  init: count,
  batch: count,
  scan: count,
  storage: text,
  enqueue: text,
  'warm-start': text,
  'retry-failed': z.boolean(),
  seed: z.number().int().min(0),
  method: text,
  preset: text,
  proxy: text,
  concurrency: count,
  async: z.boolean(),
  timeout: z.number().min(0.001).max(MAX_SECONDS),
  heartbeat: z.number().min(0.001).max(MAX_SECONDS),
  retries: z.number().int().min(0).max(1000),
  'max-failures': count,
  threads: count,
  device: text,
  ...outputKeys,
});

const comparedTask = { ...taskKeys, target: z.number() };

/** The same for `compare`. */
export const compareSchema = strict({
  ...comparedTask,
  tasks: z.array(strict({ name: text, ...comparedTask }).partial()).min(1),
  tables: text,
  methods: texts,
  seeds: count,
  'first-seed': z.number().int().min(0),
  workers: count,
  ...outputKeys,
});

type Given<S extends z.ZodType> = { [K in keyof z.infer<S>]?: z.infer<S>[K] | undefined };

/** As given: every key is optional, defaults come later. */
export type Settings = Given<typeof settingsSchema>;
export type CompareSettings = Given<typeof compareSchema>;
/** What `search` and the tasks of `compare` are told alike. */
export type TaskSettings = { [K in keyof typeof taskKeys]?: Settings[K] };

/** Reads a YAML (or JSON) file of settings.  Throws `INVALID_ARGUMENT` naming file, line and key. */
export function readSettings(file: string): Settings {
  return readKeys(file, settingsSchema.partial());
}

export function readCompareSettings(file: string): CompareSettings {
  return readKeys(file, compareSchema.partial());
}

function readKeys<S extends z.ZodType>(file: string, schema: S): z.output<S> {
  const source = readSource(file, 'config file');
  return readAs(source, schema, source.content ?? {});
}

/** A setting that must be given. */
export function required<T>(value: T | undefined, flag: string, hint: string): T {
  if (value === undefined) {
    throw new OptiProxyError('INVALID_ARGUMENT', { what: flag, expected: 'a value', given: 'none', hint });
  }
  return value;
}
