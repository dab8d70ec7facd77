import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { OptiProxyError } from '../errors.js';

const text = z.string().min(1);
const count = z.number().int().min(1);

/** Everything that `search` can be told, by flag or in a file; names are the flags'. */
export const settingsSchema = z.strictObject({
  space: text,
  oracle: text,
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
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'config file',
      expected: 'a readable YAML file',
      given: (cause as Error).message,
      cause,
    });
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const at = (offset: number | undefined): string =>
    offset === undefined ? file : `${file} line ${lines.linePos(offset).line}`;
  const broken = document.errors[0];
  if (broken !== undefined) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: at(broken.pos[0]),
      expected: 'valid YAML',
      given: broken.message.split('\n')[0],
    });
  }
  let content: unknown;
  try {
    content = document.toJS();
  } catch (cause) {
    // An alias without an anchor, or a file that grows beyond bounds when its aliases are written out.
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: file,
      expected: 'valid YAML',
      given: (cause as Error).message,
      cause,
    });
  }
  const parsed = settingsSchema.partial().safeParse(content ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const key = issue.code === 'unrecognized_keys' ? issue.keys[0]! : issue.path.map(String).join('.');
  const node = document.getIn([key.split('.')[0]!], true) as { range?: [number, number, number] } | undefined;
  throw new OptiProxyError('INVALID_ARGUMENT', {
    what: `${at(node?.range?.[0])}${key === '' ? '' : `, ${key}`}`,
    expected:
      issue.code === 'unrecognized_keys' ? `one of ${Object.keys(settingsSchema.shape).join(', ')}` : issue.message,
    given: issue.code === 'unrecognized_keys' ? 'an unknown key' : document.getIn([key.split('.')[0]!]),
  });
}
