import path from 'node:path';
import { OptiProxyError } from '../errors.js';
import { parseSource, plainSource, readSource, type Source } from '../yaml.js';
import type { SpaceDefinition } from './file/schema.js';
import { createSpace, type SpaceOptions } from './space.js';
import type { SearchSpace } from './types.js';

/** Where the built-in spaces are: in the package's root, which is one level above both src and dist. */
const folder = path.join(__dirname, '..', '..', 'data', 'spaces');

/** The built-in spaces that were asked for, each read once. */
const sources = new Map<string, Source>();
const made = new Map<string, SearchSpace>();

/** A built-in space; the same object for the same options. */
export function builtIn(id: string, options: SpaceOptions = {}): SearchSpace {
  const key = JSON.stringify([id, options]);
  let space = made.get(key);
  if (space === undefined) {
    let source = sources.get(id);
    if (source === undefined) sources.set(id, (source = readSource(path.join(folder, `${id}.yaml`), `space ${id}`)));
    made.set(key, (space = createSpace(source, options)));
  }
  return space;
}

/** A space of one's own from a YAML or JSON file; docs/spaces.md is the reference. Throws `INVALID_ARGUMENT`. */
export function loadSpace(file: string, options: SpaceOptions = {}): SearchSpace {
  return createSpace(readSource(checkText('space file', file), 'space file'), options);
}

/** The same from the text of such a file; `name` stands for the file in errors. */
export function parseSpace(text: string, name: string, options: SpaceOptions = {}): SearchSpace {
  return createSpace(parseSource(checkText('space text', text), name), options);
}

/** The same from an object. */
export function defineSpace(definition: SpaceDefinition, options: SpaceOptions = {}): SearchSpace {
  const { id } = (definition ?? {}) as Partial<SpaceDefinition>;
  return createSpace(plainSource(definition, typeof id === 'string' ? `space ${id}` : 'space'), options);
}

function checkText(what: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new OptiProxyError('INVALID_ARGUMENT', { what, expected: 'a string', given: value });
}
