// What another program says as an oracle: lines of JSON, in pieces, through a real connection.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { mutateBytes, mutateText, pick } from '../mutate.mjs';
import { built, insist } from '../support.mjs';

const words = ['{"id":1,', '"metrics":{', '"acc":', '"error":', '"infeasible":', '"alive":true', '"step":', 'NaN', '1e999', '-0', '}', '}}', '\n', '\r\n', '\u2028', '"__proto__":', '"\\ud800"', '[', 'null']; // prettier-ignore

const messages = [
  { id: 1, step: 1, metrics: { loss: 0.5 } },
  { id: 1, alive: true },
  { id: 1, metrics: { acc: 91.5, loss: 0.1 } },
  { id: 1, error: 'out of memory' },
  { id: 1, infeasible: 'too large' },
  { id: 2, metrics: { acc: 1 } },
];

export function open() {
  const { httpOracle } = built('index');
  let body = Buffer.alloc(0);
  const server = createServer((_, response) => {
    // The first byte says how it is sent.
    const [how = 0] = body;
    response.setHeader('content-type', how % 2 === 0 ? 'application/json' : 'application/x-ndjson');
    const step = 1 + (how % 7) * 5;
    for (let at = 1; how % 3 === 0 && at < body.length && at < 2000; at += step) response.write(body.subarray(at, at + step)); // prettier-ignore
    response.end(how % 3 === 0 ? body.subarray(2000) : body.subarray(1));
  });
  server.listen(0, '127.0.0.1').unref();
  const listening = once(server, 'listening');

  const make = (draws) => {
    const text = Array.from({ length: 1 + draws.below(4) }, () => JSON.stringify(pick(draws, messages))).join('\n');
    const how = Buffer.from([draws.below(256)]);
    if (draws.below(2) === 0) return Buffer.concat([how, Buffer.from(mutateText(draws, text, words))]);
    return Buffer.concat([how, mutateBytes(draws, Buffer.from(text), { others: [Buffer.from(text)], words })]);
  };

  const attempt = async (input) => {
    await listening;
    body = input;
    const points = [];
    const context = {
      signal: AbortSignal.timeout(5000),
      seed: 1,
      budget: 1,
      trial: 1,
      attempt: 1,
      report: (step, metrics) => points.push(step, ...Object.values(metrics)),
      log: (text) => insist(typeof text === 'string', 'a log that is no text'),
    };
    const oracle = httpOracle(`http://127.0.0.1:${server.address().port}/`); // whose first request has the id 1
    const metrics = await oracle('a', context);
    insist([...Object.values(metrics), ...points].every(Number.isFinite), 'a metric that is no number');
  };
  return { make, attempt, codes: ['ORACLE_FAILED', 'INFEASIBLE'] };
}
