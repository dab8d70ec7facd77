import { setMaxListeners } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { OptiProxyError, printable } from '../../errors.js';
import { failed, hear, LONGEST_LINE, type RemoteOracle } from './hear.js';
import { LineSplitter, requestOf } from './protocol.js';

/** Milliseconds between the packets by which a connection that is silent for hours is kept open. */
const KEEP_ALIVE_MS = 30_000;

/**
 * An oracle behind a URL: each query is a POST of a request in JSON, and the response its answer, as a process would give it
 * (docs/oracles.md): one object, or lines of JSON (`application/x-ndjson`) as the training goes on.  The connection stays open
 * for as long as that takes, and is closed where the query's signal fires.  Rejects with `ORACLE_FAILED`, `INFEASIBLE`.  Throws `INVALID_ARGUMENT`.
 */
export function httpOracle(url: string): RemoteOracle {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target === undefined || !['http:', 'https:'].includes(target.protocol)) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'url',
      expected: 'an address like http://127.0.0.1:8000/train',
      given: url,
    });
  }
  // What messages call it: what else an address holds may be a secret, and they are kept.
  const name = target.origin + target.pathname;
  let requests = 0;
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // one for each query in flight
  const oracle: RemoteOracle = Object.assign(
    async (architecture: string, context: Parameters<RemoteOracle>[1]) => {
      const request = requestOf(++requests, architecture, context);
      const response = await post(target, name, JSON.stringify(request), context.signal, closing.signal);
      if (response.statusCode !== 200) {
        const body = await textOf(response).catch(() => '');
        throw failed(`${name}: expected status 200, given ${response.statusCode}: ${printable(body)}`);
      }
      const exchange = { what: name, id: request.id, context };
      const whole = /^application\/json\b/i.test(response.headers['content-type'] ?? '');
      try {
        for await (const line of whole ? [await textOf(response)] : linesOf(response)) {
          const heard = hear(line, exchange);
          if (heard === undefined) continue;
          if ('error' in heard) throw heard.error;
          return heard.metrics;
        }
      } catch (cause) {
        throw cause instanceof OptiProxyError ? cause : failed(`${name}: ${(cause as Error).message}`, cause);
      } finally {
        response.destroy();
      }
      throw failed(`${name}: the response ended before it answered`);
    },
    { graceMs: 0, close: async () => closing.abort() },
  );
  return oracle;
}

function post(
  url: URL,
  name: string,
  body: string,
  signal: AbortSignal,
  closing: AbortSignal,
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      agent: false, // a connection of its own: one that was kept open may just have been closed by the server
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        accept: 'application/json, application/x-ndjson',
      },
    });
    const stop = (): void => void request.destroy(new Error('closed'));
    for (const one of [signal, closing]) one.addEventListener('abort', stop, { once: true });
    if (signal.aborted || closing.aborted) stop();
    request.setSocketKeepAlive(true, KEEP_ALIVE_MS);
    request.once('response', resolve);
    request.on('error', (error) => reject(failed(`${name}: ${error.message}`, error)));
    request.once('close', () => [signal, closing].forEach((one) => one.removeEventListener('abort', stop)));
    request.end(body);
  });
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of response.setEncoding('utf8') as AsyncIterable<string>) {
    text += piece;
    if (text.length > LONGEST_LINE) throw failed(`the response is longer than ${LONGEST_LINE} characters`);
  }
  return text;
}

async function* linesOf(response: http.IncomingMessage): AsyncGenerator<string> {
  const splitter = new LineSplitter(LONGEST_LINE);
  for await (const piece of response.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = splitter.push(piece);
    if (lines === undefined) throw failed(`a line of the response is longer than ${LONGEST_LINE} characters`);
    yield* lines;
  }
  yield* splitter.end();
}
