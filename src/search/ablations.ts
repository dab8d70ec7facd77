import type { MixturePlan } from './mixture.js';
import type { Preset } from './preset.js';

/** What of a preset is changed, given what it has of a process. */
type Change = (preset: Preset, mixture: MixturePlan) => Partial<Preset>;

const changes = {
  'with-ensemble': (_, mixture) => ({ mixture: { ...mixture, joinsAfter: 0, share: 0.15 } }),
  'without-ensemble': (_, mixture) => ({ mixture: { ...mixture, joinsAfter: Infinity } }),
  'without-neighbours': () => ({ incumbents: 0 }),
  'without-explored': () => ({ explored: 0 }),
  'without-hill-climb': () => ({ hillClimb: { rounds: 0, centres: 0 } }),
  'without-design': () => ({ designed: false }),
  'without-log-gap': () => ({ labels: 'standard' }),
  'with-5-samples': () => ({ init: 5 }),
  'with-15-samples': () => ({ init: 15 }),
  'with-25-samples': () => ({ init: 25 }),
  'with-log-ei': (_, mixture) => ({ mixture: { ...mixture, rule: 'log-ei' } }),
  'with-one-beta': (_, mixture) => ({ mixture: { ...mixture, betas: [1] } }),
  'without-genes': (_, mixture) => ({ mixture: { ...mixture, views: ['labels', 'flow'] } }),
  'without-labels': (_, mixture) => ({ mixture: { ...mixture, views: ['genes', 'flow'] } }),
  'without-flow': (_, mixture) => ({ mixture: { ...mixture, views: ['genes', 'labels'] } }),
  'with-mean': (_, mixture) => ({ mixture: { ...mixture, betas: [0] } }),
} satisfies Record<string, Change>;

export type AblationName = keyof typeof changes;
export const ablationNames = Object.keys(changes) as AblationName[];

/** A preset with one ingredient off or replaced: what the ingredient is worth is the difference (docs/method.md). */
export function ablate(preset: Preset, name: AblationName): Preset {
  const change: Change = changes[name];
  return { ...preset, ...change(preset, preset.mixture!), name };
}
