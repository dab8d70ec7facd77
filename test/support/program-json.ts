import type { SearchSpace } from '../../src/space/types.js';

/** A space's program as JSON text, typed arrays as lists: for native tests and for looking at. */
export function programJson({ program }: SearchSpace): string {
  return JSON.stringify(program, (_key, value: unknown) =>
    ArrayBuffer.isView(value) ? [...(value as Int32Array)] : value,
  );
}
