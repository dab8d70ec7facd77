import path from 'node:path';
import { moduleOracle } from '../../../src/oracle/module.js';
import { errorOf } from '../../support/errors.js';

// What a module may export is tested with the command line: jest cannot import an ES module.
test('a file that is not there', async () => {
  const error = await errorOf('INVALID_ARGUMENT', () => moduleOracle(path.join(__dirname, 'no.mjs')));
  expect(error.message).toMatch(/^oracle module: expected a JavaScript file, given "no such file .*/);
});
