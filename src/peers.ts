import { createRequire } from 'node:module';
import path from 'node:path';

/** Loads an optional peer, or a part of it, from where this package finds it, or else from where the user's project does. */
export function loadPeer(name: string): unknown {
  try {
    return require(name);
  } catch (cause) {
    try {
      return createRequire(path.join(process.cwd(), 'package.json'))(name);
    } catch {
      throw cause;
    }
  }
}
