import { existsSync } from 'node:fs';
import path from 'node:path';
import { OptiProxyError } from './errors.js';
import type { NativeAddon } from './native-types.js';

export * from './native-types.js';

/** Where the addon is built, unless the environment names another: under the package's root, which is one level above both src and dist. */
export const addonPath = path.resolve(
  process.env.OPTIPROXY_ADDON || path.join(__dirname, '..', 'build', 'Release', 'optiproxy.node'),
);

let loaded: NativeAddon | undefined;

/** The native addon, loaded at first use so that `--help` and errors need none.  Throws `ADDON_MISSING`. */
export function native(): NativeAddon {
  if (loaded !== undefined) return loaded;
  if (!existsSync(addonPath)) {
    throw new OptiProxyError('ADDON_MISSING', {
      what: 'native addon',
      expected: `a file ${addonPath}`,
      given: 'none',
      hint: 'install with scripts enabled, or run `npm rebuild optiproxy`; it needs a C++20 compiler, make and Python 3',
    });
  }
  let addon: NativeAddon;
  try {
    addon = require(addonPath) as NativeAddon;
  } catch (cause) {
    throw new OptiProxyError('ADDON_MISSING', {
      what: 'native addon',
      expected: `${addonPath} to load`,
      given: (cause as Error).message,
      hint: 'run `npm rebuild optiproxy` with the Node.js that you use now',
      cause,
    });
  }
  addon.useErrorClass(OptiProxyError);
  loaded = addon;
  return loaded;
}
