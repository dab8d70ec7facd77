import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { httpOracle } from '../../../../src/oracle/remote/http.js';
import { contextOf } from '../../../support/context.js';
import { errorOf } from '../../../support/errors.js';

type Handler = (request: Record<string, unknown>, response: http.ServerResponse) => void | Promise<void>;

let server: http.Server;
let handler: Handler;
let url: string;
beforeAll(async () => {
  server = http.createServer((incoming, response) => {
    let body = '';
    incoming.setEncoding('utf8').on('data', (piece: string) => (body += piece));
    incoming.on('end', () => void handler(JSON.parse(body) as Record<string, unknown>, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/train`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const json = (response: http.ServerResponse, body: string, type = 'application/json'): void =>
  void response.writeHead(200, { 'content-type': type }).end(body);

test('asks by POST, and takes one object', async () => {
  handler = ({ id, ...request }, response) => {
    expect(request).toEqual({ trial: 3, attempt: 2, architecture: 'abc', seed: 7, budget: 0.5 });
    json(response, JSON.stringify({ id, metrics: { acc: 91.5 } }, null, 2));
  };
  const context = contextOf({ trial: 3, attempt: 2, seed: 7, budget: 0.5 });
  expect(await httpOracle(url)('abc', context)).toEqual({ acc: 91.5 });
});

test('takes lines as the training goes on', async () => {
  handler = async ({ id }, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for (let step = 1; step <= 2; ++step) {
      response.write(`${JSON.stringify({ id, step, metrics: { loss: 1 / step } })}\n`);
      await sleep(20);
    }
    response.end(JSON.stringify({ id, metrics: { acc: 1 } }));
  };
  const points: number[] = [];
  expect(await httpOracle(url)('a', contextOf({ report: (step) => points.push(step) }))).toEqual({ acc: 1 });
  expect(points).toEqual([1, 2]);
});

test.each<[string, Handler, RegExp]>([
  [
    'another status',
    (_, response) => void response.writeHead(503).end('busy'),
    /expected status 200, given 503: "busy"/,
  ],
  ['no answer', (_, response) => json(response, ''), /the response ended before it answered/],
  ['garbage', (_, response) => json(response, '{"id":'), /expected a line like .*, which is no JSON/],
  ['an error', ({ id }, response) => json(response, JSON.stringify({ id, error: 'no GPU' })), /^no GPU$/],
  ['another answer', (_, response) => json(response, '{"id":999,"metrics":{"acc":1}}'), /ended before it answered/],
  ['too much', (_, response) => json(response, 'x'.repeat(1 << 21)), /longer than 1048576 characters/],
  ['too long a line', (_, response) => json(response, `{${'x'.repeat(1 << 21)}`, 'text/plain'), /longer than 1048576/],
  ['half of it', (_, response) => (response.writeHead(200, { 'content-length': 100 }).write('{'), setTimeout(() => response.destroy(), 20)), /aborted|closed|hang up/], // prettier-ignore
])('%s: ORACLE_FAILED', async (_, answer, message) => {
  handler = answer;
  const oracle = httpOracle(url);
  const error: Error = await oracle('a', contextOf()).then(
    () => new Error('answered'),
    (cause: Error) => cause,
  );
  expect(error.message).toMatch(message);
  expect(error).toMatchObject({ code: 'ORACLE_FAILED' });
});

test('infeasible, and nobody there', async () => {
  handler = ({ id }, response) => json(response, JSON.stringify({ id, infeasible: 'too large' }));
  expect((await errorOf('INFEASIBLE', () => httpOracle(url)('a', contextOf()))).message).toBe('too large');
  const nobody = await errorOf('ORACLE_FAILED', () => httpOracle('http://127.0.0.1:1/')('a', contextOf()));
  expect(nobody.message).toMatch(/^http:\/\/127\.0\.0\.1:1\/: .*ECONNREFUSED/);
});

test('messages hold no secrets of the address', async () => {
  const { message } = await errorOf('ORACLE_FAILED', () => httpOracle('http://me:word@127.0.0.1:1/train?token=7')('a', contextOf())); // prettier-ignore
  expect(message).toMatch(/^http:\/\/127\.0\.0\.1:1\/train: /);
  expect(message).not.toMatch(/word|token/);
});

test.each(['abort', 'close'])('%s closes the connection', async (how) => {
  let gone: () => void;
  const left = new Promise<void>((resolve) => (gone = resolve));
  const arrived = new Promise<void>((resolve) => {
    handler = (_, response) => (resolve(), void response.on('close', gone));
  });
  const controller = new AbortController();
  const oracle = httpOracle(url);
  const answer = oracle('a', contextOf({ signal: controller.signal })).catch((error: Error) => error);
  await arrived;
  if (how === 'abort') controller.abort();
  else await oracle.close();
  await left;
  expect(await answer).toMatchObject({ code: 'ORACLE_FAILED' });
});

test.each(['', 'ftp://x', 'no address', undefined])('%p is refused', async (given) => {
  const { message } = await errorOf('INVALID_ARGUMENT', async () => httpOracle(given as string));
  expect(message).toMatch(/^url: expected an address like/);
});
