// Before the package is packed: dist/ must be there and up to date, and is left alone if it is.
import { buildTypeScript } from './build-ts.mjs';
import { distIsStale } from './setup.mjs';

if (distIsStale()) buildTypeScript();
