import type { TextContext } from './codec.js';

export interface Recipe {
  /** Every vertex after its inputs; those are sources: the fixed ones, then the vertices. */
  readonly vertices: readonly { readonly name: string; readonly op: string; readonly inputs: readonly number[] }[];
  /** The vertex of each new state. */
  readonly outputs: readonly number[];
}

interface Entry {
  readonly op: string;
  readonly input: readonly string[];
}

/** Reads a recipe's JSON and puts its entries in order: as they stand, but each after its inputs. */
export function readRecipe(context: TextContext, text: string, sources: readonly string[], states: number): Recipe {
  const { fail } = context;
  const entries = readEntries(context, text, sources);
  const places = new Map(sources.map((source, i) => [source, i]));
  const vertices: Recipe['vertices'][number][] = [];
  const open = new Set<string>();

  const place = (name: string): number => {
    const known = places.get(name);
    if (known !== undefined) return known;
    const { op, input } = entries.get(name)!;
    if (open.has(name)) fail(`, ${name}`, 'inputs that do not depend on it', input.join(', '));
    open.add(name);
    const inputs = input.map((source) => {
      if (!places.has(source) && !entries.has(source))
        fail(`, ${name}`, `inputs among ${sources.join(', ')} and the other entries`, source);
      return place(source);
    });
    if (new Set(inputs).size < inputs.length) fail(`, ${name}`, 'inputs that differ from each other', input.join(', '));
    places.set(name, sources.length + vertices.length);
    vertices.push({ name, op, inputs });
    return places.get(name)!;
  };
  for (const name of entries.keys()) place(name);

  const outputs: number[] = [];
  for (let j = 0; j < states && entries.has(`h_new_${j}`); ++j)
    outputs.push(places.get(`h_new_${j}`)! - sources.length);
  const named = [...entries.keys()].filter((name) => /^h_new_\d+$/.test(name));
  if (outputs.length === 0 || named.length !== outputs.length)
    fail('', `h_new_0${states === 1 ? '' : `, or more up to h_new_${states - 1} without a gap`}`, named.join(', '));
  return { vertices, outputs };
}

function readEntries({ fail }: TextContext, text: string, sources: readonly string[]): Map<string, Entry> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    return fail('', 'the JSON of a recipe', (cause as Error).message);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    return fail('', 'an object of {"name": {"op", "input"}}', content);
  const entries = new Map<string, Entry>();
  for (const [name, entry] of Object.entries(content)) {
    const { op, input } = (entry ?? {}) as Partial<Entry>;
    const isList = Array.isArray(input) && input.every((source) => typeof source === 'string');
    if (typeof op !== 'string' || !isList) return fail(`, ${name}`, '{"op": text, "input": [names]}', entry);
    if (sources.includes(name)) fail(`, ${name}`, 'another name, as this one is an input of the cell', name);
    entries.set(name, { op, input });
  }
  return entries;
}
