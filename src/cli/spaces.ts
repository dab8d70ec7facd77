import { drawArchitecture } from '../report/drawing.js';
import { constraintTexts, numberText, variableGroups } from '../report/space.js';
import { countSpace } from '../space/count.js';
import { exampleOf, spaceByName, spaceNames, variablesOf } from '../space/index.js';
import type { Isomorphism, SearchSpace } from '../space/types.js';
import { stdout } from './output.js';

export interface ShowFlags {
  json?: boolean;
  isomorphism?: string;
}

/** Runs `optiproxy spaces`. */
export function listSpaces(json: boolean): number {
  const spaces = spaceNames.map((name) => spaceByName(name));
  if (json) stdout(`${JSON.stringify({ schema: 1, spaces: spaces.map(entry) })}\n`);
  else
    for (const { id, size, description } of spaces)
      stdout(`${id.padEnd(24)}${numberText(size).padStart(10)}  ${description}\n`);
  return 0;
}

/** Runs `optiproxy spaces show`. */
export function showSpace(name: string, { json = false, isomorphism }: ShowFlags): number {
  const space = spaceByName(name, 'space', { isomorphism: isomorphism as Isomorphism | undefined });
  const count = countSpace(space);
  const constraints = constraintTexts(space);
  const drawing = drawArchitecture(space, space.parse(exampleOf(space)));
  if (json) {
    const shown = {
      ...entry(space),
      constraints,
      valid: count?.valid ?? null,
      distinct: count?.distinct ?? null,
      drawing,
    };
    stdout(`${JSON.stringify({ schema: 1, space: shown })}\n`);
    return 0;
  }
  const facts: [string, string][] = [
    ['source', space.source],
    ['encodings', numberText(space.size)],
    ...(count === undefined
      ? []
      : ([
          ['valid', String(count.valid)],
          [
            'distinct',
            Object.entries(count.distinct)
              .map(([rule, n]) => `${n} by ${rule}`)
              .join(', '),
          ],
        ] as [string, string][])),
    ['isomorphism', space.isomorphism],
  ];
  const groups = variableGroups(space);
  const width = Math.max(...groups.map(({ names }) => names.length));
  const lines = [
    `${space.id}: ${space.description}`,
    '',
    ...facts.map(([key, value]) => `${key.padEnd(12)} ${value}`),
    '',
    `Variables (${space.program.genes.length})`,
    ...groups.map(({ names, values, condition }) => {
      return `    ${names.padEnd(width)}  ${values}${condition === '' ? '' : `  (${condition})`}`;
    }),
    '',
    'Constraints',
    ...(constraints.length === 0 ? ['none'] : constraints).map((text) => `    ${text}`),
    '',
    'Example',
    ...drawing.map((line) => `    ${line}`),
    '',
    `    ${exampleOf(space)}`,
  ];
  stdout(`${lines.join('\n')}\n`);
  return 0;
}

/** A space as JSON lists it. */
function entry(space: SearchSpace): object {
  const { id, size, description, isomorphism, source } = space;
  return { id, size, description, isomorphism, source, variables: variablesOf(space), example: exampleOf(space) };
}
