import { z } from 'zod';
import { printable } from '../../errors.js';
import type { OracleContext } from '../context.js';

/** What another program is asked: one line of JSON. */
export interface Request {
  /** Its own for each attempt; answers repeat it. */
  readonly id: number;
  readonly trial: number;
  readonly attempt: number;
  readonly architecture: string;
  readonly seed: number;
  readonly budget: number;
}

const id = z.number();
const metrics = z.record(z.string(), z.number());
const text = z.string();

const none = z.undefined().optional();

/** What it may say, each one line of JSON that says one thing; other keys are its own. */
const schema = z.union([
  z.object({ id, step: z.number(), metrics, error: none, infeasible: none, alive: none }),
  z.object({ id, metrics, step: none, error: none, infeasible: none, alive: none }),
  z.object({ id, error: text, metrics: none, step: none, infeasible: none, alive: none }),
  z.object({ id, infeasible: text, metrics: none, step: none, error: none, alive: none }),
  z.object({ id, alive: z.literal(true), metrics: none, step: none, error: none, infeasible: none }),
]);

/** A point of the learning curve, what was measured, why it was not, or that the training goes on. */
export type Message = z.infer<typeof schema>;

/** What a line is: a message, what another program prints, or what was meant as a message and is none, in words. */
export type Line =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'print' }
  | { readonly kind: 'garbage'; readonly why: string };

const mayBeMessage = (line: string): boolean => /^\s*\{/.test(line);

export function requestOf(number: number, architecture: string, context: OracleContext): Request {
  const { trial, attempt, seed, budget } = context;
  return { id: number, trial, attempt, architecture, seed, budget };
}

/**
 * Programs print all sorts of things; only what begins like an object of JSON is meant for us, and must be one.  NaN, which
 * Python writes for what JSON does not have, is the commonest way in which it is not.
 */
export function readLine(line: string): Line {
  if (!mayBeMessage(line)) return { kind: 'print' };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    const nan = /\b(NaN|Infinity)\b/.test(line) ? '; JSON has no NaN and no Infinity: answer an error instead' : '';
    return { kind: 'garbage', why: `given ${printable(line)}, which is no JSON${nan}` };
  }
  const { success, data } = schema.safeParse(value);
  if (success) return { kind: 'message', message: data };
  return { kind: 'garbage', why: `given ${printable(line)}` };
}

/** What messages about garbage say that they expected. */
export const expected = 'a line like {"id":1,"metrics":{"accuracy":91.2}}, with the id of the request';

/** Cuts text that arrives in pieces into lines. */
export class LineSplitter {
  private rest = '';

  /** `longest`: of a line, in characters. */
  constructor(private readonly longest: number) {}

  /**
   * The lines that this piece completes; undefined once one is too long for what may be a message.  Progress bars end them with a
   * carriage return, and what is printed without either is cut.
   */
  push(piece: string): string[] | undefined {
    const lines = (this.rest + piece).split(/[\r\n]/);
    this.rest = lines.pop()!;
    if ([...lines, this.rest].some((line) => line.length > this.longest && mayBeMessage(line))) return undefined;
    if (this.rest.length > this.longest) lines.push(...this.end());
    return lines;
  }

  /** What follows the last line feed, at the end. */
  end(): string[] {
    const last = this.rest;
    this.rest = '';
    return last === '' ? [] : [last];
  }
}
