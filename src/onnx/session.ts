import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { OptiProxyError, type ErrorDetails } from '../errors.js';
import type { SpaceProgram } from '../space/types.js';
import type { InputSource } from './feed.js';
import { planInputs, type Input } from './inputs.js';
import { readMetadata } from './metadata.js';
import { shapeText } from './model.js';
import { loadRuntime, sessionOptions, type RuntimeOptions } from './runtime.js';

/** A model and how it reads architectures, in plain data: a worker thread opens it from this. */
export interface SessionSource extends RuntimeOptions {
  /** The file, or the bytes of one. */
  readonly model: string | Uint8Array;
  readonly program: SpaceProgram;
  /** An architecture (G) that the model is tried with. */
  readonly example: Uint8Array;
  /** What each input is fed with. @default each of `operations`, `adjacency`, `sizes` by its name */
  readonly inputs?: Readonly<Record<string, InputSource>> | undefined;
  /** The output that is wanted, one number an architecture. @default the first */
  readonly output?: string | undefined;
  /** Others that are, behind it. */
  readonly also?: readonly string[] | undefined;
}

/** What a model that was opened says of itself. */
export interface ModelFacts {
  readonly outputs: readonly string[];
  /** Architectures of one run. */
  readonly batch: number;
  /** Texts that travel with it; none of a file of more than 64 MiB. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Architectures of one run where the model leaves that open: what is computed of so many stays in the cache. */
const BATCH = 512;
/** Of larger files the metadata is not read. */
const MOST_READ = 64 * 2 ** 20;

/** A model in this thread, which its runs block. */
export class Session {
  private constructor(
    readonly facts: ModelFacts,
    private readonly name: string,
    private readonly session: InferenceSession,
    private readonly tensor: typeof Tensor,
    private readonly inputs: readonly Input[],
    /** Whether the model takes no other number of architectures: fewer are padded. */
    private readonly fixed: boolean,
    private readonly genes: number,
  ) {}

  /**
   * Loads a model and tries it with one architecture.  Rejects with `RUNTIME_MISSING`, `INVALID_MODEL` naming the input,
   * output or node that is not as declared, or `INVALID_ARGUMENT` for a declaration that makes no sense.
   */
  static async open(source: SessionSource): Promise<Session> {
    const { model, program, example } = source;
    const name = typeof model === 'string' ? path.basename(model) : 'the model';
    const { InferenceSession: sessions, Tensor: tensor } = loadRuntime();
    const bytes = typeof model === 'string' ? await smallFile(model) : model;
    const session = await sessions.create(model as string, sessionOptions(source)).catch((cause: Error) => {
      throw invalid({ what: name, expected: 'a model that onnxruntime can run', hint: wordsOf(cause), cause });
    });
    const metadata = bytes === undefined ? {} : await readMetadata(bytes);
    const { inputs, batch } = planInputs(name, session.inputMetadata, source.inputs, program);
    const outputs = outputsOf(name, session, source);
    const opened = new Session(
      { outputs, batch: batch ?? BATCH, metadata },
      name,
      session,
      tensor,
      inputs,
      batch !== undefined,
      program.genes.length,
    );
    await opened.evaluate(example);
    return opened;
  }

  /** Each output (n) of genes (n, G).  Rejects with `INVALID_MODEL` where a run fails or gives no finite number. */
  async evaluate(genes: Uint8Array): Promise<Float64Array[]> {
    const count = genes.length / this.genes;
    const columns = this.facts.outputs.map(() => new Float64Array(count));
    const { batch } = this.facts;
    for (let at = 0; at < count; at += batch) {
      const some = Math.min(batch, count - at);
      const part = genes.subarray(at * this.genes, (at + some) * this.genes);
      const results = await this.run(part, some);
      columns.forEach((column, o) => column.set(results[o]!, at));
    }
    return columns;
  }

  async close(): Promise<void> {
    await this.session.release();
  }

  private async run(genes: Uint8Array, count: number): Promise<Float64Array[]> {
    const batch = this.fixed ? this.facts.batch : count;
    const all = padded(genes, batch * this.genes, this.genes);
    const feeds = Object.fromEntries(
      this.inputs.map(({ name, type, dimensions, constant, fill }) => {
        const shape = constant ? dimensions : [batch, ...dimensions];
        return [name, new this.tensor(type, fill(all, batch) as never, shape)];
      }),
    );
    const { outputs } = this.facts;
    const results = await this.session.run(feeds, outputs).catch((cause: Error) => {
      throw invalid({ what: this.name, expected: 'a run without an error', hint: wordsOf(cause), cause });
    });
    return outputs.map((output) => this.column(output, results[output] as Tensor, genes, count, batch));
  }

  private column(
    output: string,
    { dims, data, type }: Tensor,
    genes: Uint8Array,
    count: number,
    batch: number,
  ): Float64Array {
    if (data.length !== batch || type === 'string') {
      throw invalid({
        what: `${this.name}, output ${output}`,
        expected: `numbers of shape (${batch}) or (${batch}, 1) of ${batch} architectures`,
        given: `${type} ${shapeText(dims)}`,
      });
    }
    const values = Float64Array.from({ length: count }, (_, i) => Number(data[i]));
    const broken = values.findIndex((value) => !Number.isFinite(value));
    if (broken < 0) return values;
    const width = this.genes;
    throw invalid({
      what: `${this.name}, output ${output}`,
      expected: 'a finite number',
      given: `${values[broken]} for the architecture of genes ${genes.subarray(broken * width, (broken + 1) * width).join(' ')}`,
    });
  }
}

/** Genes (n, G) made as long as a fixed batch with the first architecture. */
function padded(genes: Uint8Array, length: number, width: number): Uint8Array {
  if (genes.length === length) return genes;
  const all = new Uint8Array(length);
  for (let at = 0; at < length; at += width) all.set(genes.subarray(0, width), at);
  all.set(genes);
  return all;
}

function invalid(details: ErrorDetails): OptiProxyError {
  return new OptiProxyError('INVALID_MODEL', details);
}

/** What onnxruntime says, which names the node or input, whole and on one line; without the place in its own sources. */
function wordsOf({ message }: Error): string {
  const words = message
    .replace(/^Load model from .*? failed:/, '')
    .replace(/^\/onnxruntime_src\/.*?\) (?=[A-Z])/s, '')
    .replace(/\s+/g, ' ');
  return `onnxruntime says: ${words.trim()}`;
}

function outputsOf(
  name: string,
  { outputNames }: InferenceSession,
  { output = outputNames[0]!, also = [] }: Pick<SessionSource, 'output' | 'also'>,
): readonly string[] {
  const wanted = [output, ...also];
  const unknown = wanted.find((one) => !outputNames.includes(one));
  if (unknown === undefined) return wanted;
  throw new OptiProxyError('UNKNOWN_NAME', {
    what: `output of ${name}`,
    expected: `one of ${outputNames.join(', ')}`,
    given: unknown,
  });
}

/** The bytes of a file, unless it is too large to be looked into. */
async function smallFile(file: string): Promise<Uint8Array | undefined> {
  try {
    return (await stat(file)).size > MOST_READ ? undefined : await readFile(file);
  } catch (cause) {
    throw invalid({ what: file, expected: 'an ONNX file', given: (cause as Error).message, cause });
  }
}
