import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Version of the package, read where both src and dist find it. */
export const version: string = (
  JSON.parse(readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8')) as { version: string }
).version;
