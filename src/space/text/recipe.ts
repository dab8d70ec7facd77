import type { RecurrentLayout } from '../file/layout.js';
import type { TextCodec, TextContext } from './codec.js';
import { readRecipe, type Recipe } from './recipe-order.js';

/**
 * `{"node_0":{"op":"linear","input":["x","h_prev_0"]},...}`: the vertices that a new state depends on, each after its
 * inputs. Read with any names and in any order; vertices that are not mentioned take the lowest genes that are well-formed.
 */
export class RecipeCodec implements TextCodec {
  constructor(
    private readonly context: TextContext,
    private readonly cell: RecurrentLayout,
  ) {}

  parse(text: string): Uint8Array {
    const { cell, context } = this;
    const recipe = readRecipe(context, text, cell.sources, cell.outputs.length);
    if (recipe.vertices.length > cell.vertices.length)
      context.fail('', `at most ${cell.vertices.length} vertices`, recipe.vertices.length);
    const genes = new Uint8Array(context.program.genes.length);
    cell.vertices.forEach((_, i) => this.placeVertex(i, recipe, genes));
    if (cell.states >= 0) genes[cell.states] = recipe.outputs.length - 1;
    cell.outputs.forEach((gene, j) => {
      genes[gene] = recipe.outputs[j] ?? cell.vertices.length;
    });
    return genes;
  }

  format(genes: Uint8Array): string {
    const { cell } = this;
    const { length } = cell.sources;
    const outputs = cell.outputs.map((gene) => genes[gene]!).filter((vertex) => vertex < cell.vertices.length);
    const live = this.live(genes, outputs);
    const names = [...cell.sources];
    const recipe: Record<string, { op: string; input: string[] }> = {};
    let inner = 0;
    for (const vertex of live) {
      const state = outputs.indexOf(vertex);
      names[length + vertex] = state < 0 ? `node_${inner++}` : `h_new_${state}`;
      const { operation } = cell.vertices[vertex]!;
      recipe[names[length + vertex]!] = {
        op: cell.operations[genes[operation]!]!.recipe,
        input: this.sourcesOf(genes, vertex).map((source) => names[source]!),
      };
    }
    return JSON.stringify(recipe);
  }

  private placeVertex(i: number, recipe: Recipe, genes: Uint8Array): void {
    const { cell, context } = this;
    const { operation, slots } = cell.vertices[i]!;
    const vertex = recipe.vertices[i];
    let value = 0;
    if (vertex !== undefined) {
      const fits = ({ recipe: op, inputs }: (typeof cell.operations)[number]): boolean =>
        op === vertex.op && inputs === vertex.inputs.length;
      value = cell.operations.findIndex(fits);
      if (value < 0) {
        const known = cell.operations.map(({ recipe: op, inputs }) => `${op} of ${inputs}`).join(', ');
        context.fail(`, ${vertex.name}`, `one of ${known}`, `${vertex.op} of ${vertex.inputs.length}`);
      }
    }
    genes[operation] = value;
    const sources = cell.sources.length + i;
    slots.forEach((gene, s) => {
      genes[gene] = s < cell.operations[value]!.inputs ? (vertex?.inputs[s] ?? s) : sources;
    });
  }

  /** What a vertex takes, as sources: the fixed ones, then the vertices. */
  private sourcesOf(genes: Uint8Array, vertex: number): number[] {
    const { operation, slots } = this.cell.vertices[vertex]!;
    const { inputs } = this.cell.operations[genes[operation]!]!;
    return slots.slice(0, inputs).map((gene) => genes[gene]!);
  }

  /** Vertices that a new state depends on, ascending. */
  private live(genes: Uint8Array, outputs: readonly number[]): number[] {
    const found = new Set<number>();
    const { length } = this.cell.sources;
    const visit = (vertex: number): void => {
      if (found.has(vertex)) return;
      found.add(vertex);
      for (const source of this.sourcesOf(genes, vertex)) if (source >= length) visit(source - length);
    };
    outputs.forEach(visit);
    return [...found].sort((a, b) => a - b);
  }
}
