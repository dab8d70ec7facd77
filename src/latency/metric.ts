import path from 'node:path';
import { z } from 'zod';
import { OptiProxyError } from '../errors.js';
import type { CheapMetric } from '../metric/metric.js';
import { sourceNames } from '../onnx/feed.js';
import { ModelThread } from '../onnx/thread.js';
import { ByteIndex } from '../oracle/byte-index.js';
import { checkSpace } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import { plainSource, readAs, readSource, strict, type Source } from '../yaml.js';

const source = z.union([
  z.enum(sourceNames),
  strict({
    from: z.enum(['genes', 'one-hot']),
    codes: z.record(z.string(), z.number().int().min(0)).optional(),
    order: z.array(z.string()).min(1).optional(),
  }),
  strict({ constant: z.union([z.number(), z.array(z.number()).min(1)]) }),
]);

/** How a model reads architectures; a description file has `model`, the .onnx file, beside it. */
const declaration = {
  inputs: z.record(z.string(), source).optional(),
  output: z.string().optional(),
  margin: z.number().min(-100).max(100).optional(),
  providers: z.array(z.string()).min(1).optional(),
  threads: z.number().int().min(1).max(256).optional(),
};
const optionsSchema = strict(declaration);
const fileSchema = strict({ model: z.string().min(1), ...declaration });

/** How an ONNX model is used as a metric. */
export interface OnnxMetricOptions extends z.input<typeof optionsSchema> {
  /** The space whose architectures it is asked about. */
  space: SearchSpace;
  /**
   * What each input of the model is fed with, of each architecture (N nodes, F features, G genes), the batch being the
   * first dimension: `operations` (N, F), `adjacency` (N, N), `sizes`, `genes` (G), `one-hot`; `{ from, codes, order }`,
   * genes in another order or with other numbers; `{ constant }`.  Float, double, int32 or int64, of any batch that the
   * model declares.  @default `adjacency`, `operations` and `sizes`, which models that were fitted here have
   */
  inputs?: z.input<typeof optionsSchema>['inputs'];
  /** The output that is the metric, one number an architecture. @default the first */
  output?: string | undefined;
  /**
   * Deviations that are added, which the model's output `deviation` says: 1.645 makes the metric the upper end of a 90 %
   * interval, for a limit that is to hold though the model errs.  @default 0
   */
  margin?: number | undefined;
  /** Execution providers of onnxruntime. @default ['cpu'] */
  providers?: string[] | undefined;
  /** Threads of a run. @default 1 */
  threads?: number | undefined;
}

/** An ONNX model as a metric that is known before a query. */
export interface OnnxMetric extends CheapMetric {
  /** The model's file. */
  readonly file: string;
  /** Texts that travel with the model. */
  readonly metadata: Readonly<Record<string, string>>;
  evaluate(genes: Uint8Array): Promise<Float64Array>;
  /** Ends the thread that the model is in. A metric that is forgotten does not keep the process alive. */
  close(): Promise<void>;
}

/** Architectures that are asked about at once, about: enough for a hand-over to be nothing beside them. */
const ASKED = 512;
/** The same in whole runs of a model. */
const piecesOf = (batch: number): number => Math.ceil(ASKED / batch) * batch;

/** Values that are kept; past that all are forgotten and begun anew. */
const MOST_KEPT = 2 ** 20;

/**
 * Opens an ONNX model, or a YAML file that describes how one is fed (docs/hardware.md), as a metric for
 * `StudyOptions.metrics`: run by onnxruntime-node (an optional peer) in a thread of its own, in batches; what it said of an
 * architecture is kept.  Rejects with `RUNTIME_MISSING`; with `INVALID_MODEL` naming the input, output or node that is not
 * as declared; with `INVALID_ARGUMENT` for a declaration that makes no sense.  `evaluate` rejects with `INVALID_MODEL`
 * where the model's answer is no finite number.
 */
export async function onnxMetric(file: string, options: OnnxMetricOptions): Promise<OnnxMetric> {
  if (typeof file !== 'string')
    throw new OptiProxyError('INVALID_ARGUMENT', { what: 'file', expected: 'the name of a model', given: file });
  const { space, ...all } = options ?? {};
  checkSpace('options.space', space);
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  const described = /\.(ya?ml|json)$/i.test(file);
  const { model, output, margin, ...declared } = described
    ? readDescription(file)
    : { model: file, ...readAs(plainSource(given, 'options'), optionsSchema) };
  if (described && Object.keys(given).length > 0) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: `options beside ${file}`,
      expected: 'none but space: the file says how its model is fed',
      given: Object.keys(given).join(', '),
    });
  }
  const thread = await ModelThread.open({
    ...declared,
    output,
    also: margin === undefined ? [] : ['deviation'],
    model,
    program: space.program,
    example: space.parse(space.example),
  });
  try {
    checkOrigin(model, thread.facts.metadata, space);
  } catch (error) {
    await thread.close();
    throw error;
  }
  const kept = new Kept(space.program.genes.length, piecesOf(thread.facts.batch));
  return {
    unit: thread.facts.metadata.unit || undefined, // written as an empty text where none was given
    file: model,
    metadata: thread.facts.metadata,
    evaluate: (genes) =>
      kept.evaluate(genes, async (unknown) => {
        const [values, deviations] = await thread.evaluate(unknown);
        return margin === undefined ? values! : values!.map((value, i) => value + margin * deviations![i]!);
      }),
    close: () => thread.close(),
  };
}

/** A model that was fitted here says of which space, and by which rule what has no effect was left out of its inputs. */
function checkOrigin(file: string, metadata: Readonly<Record<string, string>>, space: SearchSpace): void {
  const text = (id: string, isomorphism: string): string => `${id} with isomorphism ${isomorphism}`;
  const { space: id, isomorphism } = metadata;
  if (id === undefined || isomorphism === undefined || (id === space.id && isomorphism === space.isomorphism)) return;
  throw new OptiProxyError('INVALID_MODEL', {
    what: path.basename(file),
    expected: `a model of ${text(space.id, space.isomorphism)}`,
    given: `one of ${text(id, isomorphism)}`,
    hint: 'fit it with the same --space and --isomorphism',
  });
}

/** The files that a metric's value depends on: the model, and the description that names it. */
export function modelFiles(file: string): string[] {
  return /\.(ya?ml|json)$/i.test(file) ? [file, readDescription(file).model] : [file];
}

/** The description of a file; its model is where it says, from the file's own place. */
function readDescription(file: string): z.output<typeof fileSchema> {
  const described: Source = readSource(file, 'description of a model');
  const content = readAs(described, fileSchema);
  return { ...content, model: path.resolve(path.dirname(file), content.model) };
}

/**
 * Values of architectures as they are written: a model may tell encodings apart that the space holds for the same, as a
 * device may that runs what computes nothing, and a value must not depend on which of them came first.
 */
class Kept {
  private index: ByteIndex;
  private values: number[] = [];

  constructor(
    private readonly genes: number,
    /** Architectures that are asked about at once. */
    private readonly piece: number,
  ) {
    this.index = new ByteIndex(genes);
  }

  /** Some at a time, so that what was said of the first is taken over while the next are asked about. */
  async evaluate(genes: Uint8Array, ask: (unknown: Uint8Array) => Promise<Float64Array>): Promise<Float64Array> {
    const step = this.piece * this.genes;
    const parts = Array.from({ length: Math.ceil(genes.length / step) }, (_, i) =>
      genes.slice(i * step, (i + 1) * step),
    );
    const answers = await Promise.all(parts.map((part) => this.some(part, ask)));
    const values = new Float64Array(genes.length / this.genes);
    answers.forEach((some, i) => values.set(some, i * this.piece));
    return values;
  }

  private async some(given: Uint8Array, ask: (unknown: Uint8Array) => Promise<Float64Array>): Promise<Float64Array> {
    const unknown = new ByteIndex(this.genes);
    const values = Float64Array.from({ length: given.length / this.genes }, (_, i) => {
      const place = this.index.find(given, i * this.genes);
      if (place < 0) unknown.add(given, i * this.genes);
      return place < 0 ? NaN : this.values[place]!;
    });
    if (unknown.size === 0) return values;
    const asked = unknown.bytes;
    const fresh = await ask(asked);
    this.keep(asked, fresh);
    return values.map((value, i) => (Number.isNaN(value) ? fresh[unknown.find(given, i * this.genes)]! : value));
  }

  private keep(genes: Uint8Array, values: Float64Array): void {
    if (this.index.size + values.length > MOST_KEPT) {
      this.index = new ByteIndex(this.genes);
      this.values = [];
    }
    values.forEach((value, i) => {
      if (this.index.add(genes, i * this.genes) < 0) this.values.push(value);
    });
  }
}
