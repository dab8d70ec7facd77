import { spaceByName, spaceNames } from '../space/index.js';
import { stdout } from './output.js';

/** Runs `optiproxy spaces`. */
export function listSpaces(json: boolean): number {
  const rows = spaceNames.map((name) => {
    const { id, size, description, operations } = spaceByName(name);
    return {
      id,
      size,
      description,
      operations,
      example: spaceByName(name).format(new Uint8Array(spaceByName(name).edges.length)),
    };
  });
  if (json) stdout(`${JSON.stringify({ schema: 1, spaces: rows })}\n`);
  else
    for (const { id, size, description } of rows)
      stdout(`${id.padEnd(14)}${String(size).padStart(10)}  ${description}\n`);
  return 0;
}
