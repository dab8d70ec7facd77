import { inspect } from 'node:util';
import type { Quality } from '../../statistics/window.js';
import type { Round } from '../types.js';

/** What a round says of how predictions held. */
export type Figures = Pick<Round, 'batch' | 'recent' | 'overall'>;
/** What it says from the start. */
export type Facts = Omit<Round, keyof Figures>;

const figures = Symbol('figures');
type Kept = Readonly<Record<typeof figures, Figures>>;

const lazily = (name: keyof Figures): PropertyDescriptor => ({
  enumerable: true,
  get(this: Kept): Quality | null {
    return this[figures][name];
  },
});

/** Getters that all rounds share, and what has them printed like any other property. */
const shared: PropertyDescriptorMap = {
  batch: lazily('batch'),
  recent: lazily('recent'),
  overall: lazily('overall'),
  [inspect.custom]: {
    value(this: Round): Round {
      return { ...this };
    },
  },
};

/** A round that is like any frozen object, but that asks for each figure only when it is read. */
export function roundOf(facts: Facts, held: Figures): Round {
  // Not by a spread or closures: V8 keeps what they make as a hash table, three times the size.
  const round = Object.defineProperty(Object.assign({}, facts), figures, { value: held });
  return Object.freeze(Object.defineProperties(round, shared)) as Round;
}
