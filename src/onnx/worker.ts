import { workerData } from 'piscina';
import { OptiProxyError, type ErrorCode } from '../errors.js';
import { Session, type ModelFacts, type SessionSource } from './session.js';

/** What a worker thread is asked: what the model is, or its outputs (n) of genes (n, G). */
export type Question = 'facts' | Uint8Array;

/** What it answers; an error as data, since a thread's error loses its class on the way. */
export type Answer =
  | { readonly facts: ModelFacts }
  | { readonly values: readonly Float64Array[] }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } };

let opened: Promise<Session> | undefined;

export default async function answer(question: Question): Promise<Answer> {
  try {
    const session = await (opened ??= Session.open(workerData as SessionSource));
    if (question === 'facts') return { facts: session.facts };
    return { values: await session.evaluate(question) };
  } catch (error) {
    const code = error instanceof OptiProxyError ? error.code : 'INVALID_MODEL';
    return { error: { code, message: (error as Error).message } };
  }
}
