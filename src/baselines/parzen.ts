import type { Draws } from '../random.js';
import { isActive } from '../space/genes.js';
import type { SpaceProgram } from '../space/types.js';

/**
 * A density over architectures: the even mixture of a kernel around each of n observations and of a uniform one, the
 * prior (Bergstra et al. 2011; multivariate as in Falkner et al. 2018, "BOHB", with the categorical kernels of Optuna).
 * A kernel is a product over genes: of C values, the observed one has probability (1 + a) / (1 + C a), each other one
 * a / (1 + C a), where a = 1 / (n + 1).  A gene that the observation lacks is uniform; one that an architecture lacks, by
 * what its other genes are, is no factor.
 */
export class ParzenMixture {
  private readonly kernels: number;
  private readonly smoothing: number;
  /** W, values of the widest gene, absence being one. */
  private readonly width: number;
  /** (G) logarithms of the probability of the observed value, of another one, and of any by the prior. */
  private readonly same: Float64Array;
  private readonly other: Float64Array;
  private readonly any: Float64Array;
  /** Scratch: (G, W) logarithms by the value of an observation, (n + 1) by kernel. */
  private readonly table: Float64Array;
  private readonly logs: Float64Array;

  /** `observed` (n, G). */
  constructor(
    private readonly program: SpaceProgram,
    private readonly observed: Uint8Array,
  ) {
    const { genes } = program;
    this.kernels = observed.length / genes.length + 1;
    const smoothing = 1 / this.kernels;
    this.smoothing = smoothing;
    this.width = 1 + genes.reduce((most, { choices }) => Math.max(most, choices), 0);
    this.same = Float64Array.from(genes, ({ choices }) => Math.log((1 + smoothing) / (1 + choices * smoothing)));
    this.other = Float64Array.from(genes, ({ choices }) => Math.log(smoothing / (1 + choices * smoothing)));
    this.any = Float64Array.from(genes, ({ choices }) => -Math.log(choices));
    this.table = new Float64Array(genes.length * this.width);
    this.logs = new Float64Array(this.kernels);
  }

  /** Random genes (G); what constraints or distinct genes forbid may be among them. */
  sample(draws: Draws): Uint8Array {
    const { genes } = this.program;
    const kernel = draws.below(this.kernels) * genes.length; // past the observations: the prior
    const values = new Uint8Array(genes.length);
    genes.forEach(({ choices }, g) => {
      const centre = this.observed[kernel + g] ?? choices;
      if (!isActive(this.program, g, values)) values[g] = choices;
      else if (centre === choices) values[g] = draws.below(choices);
      else {
        // The kernel as a mixture itself: the centre, or any value.
        const spread = choices * this.smoothing;
        values[g] = draws.uniform() * (1 + spread) < 1 ? centre : draws.below(choices);
      }
    });
    return values;
  }

  /** Logarithm of the density of genes (G). */
  logDensity(values: Uint8Array): number {
    const { program, observed, width, table, logs, kernels } = this;
    const { genes } = program;
    let prior = 0;
    for (let g = 0; g < genes.length; ++g) {
      const active = isActive(program, g, values);
      table.fill(active ? this.other[g]! : 0, g * width, (g + 1) * width);
      if (!active) continue;
      table[g * width + values[g]!] = this.same[g]!;
      table[g * width + genes[g]!.choices] = this.any[g]!;
      prior += this.any[g]!;
    }
    let largest = prior;
    for (let k = 0, at = 0; k < kernels - 1; ++k) {
      let log = 0;
      for (let g = 0; g < genes.length; ++g) log += table[g * width + observed[at++]!]!;
      logs[k] = log;
      if (log > largest) largest = log;
    }
    logs[kernels - 1] = prior;
    let sum = 0;
    for (const log of logs) sum += Math.exp(log - largest);
    return largest + Math.log(sum / kernels);
  }
}
