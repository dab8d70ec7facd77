import type { Gene, Section, ValueCount } from '../space/program.js';
import type { SearchSpace, SpaceProgram } from '../space/types.js';

/** Values of a variable that are listed before it is cut short. */
const MOST_VALUES = 16;
/** Variables of a constraint that are listed. */
const MOST_TERMS = 6;

/** A whole number as it is, up to where numbers are exact, then like 1.08e18. */
export function numberText(count: number): string {
  return count <= 2 ** 53 ? String(count) : count.toPrecision(3).replace('e+', 'e');
}

/** Variables of one kind, which a listing shows on one line. */
interface VariableGroup {
  readonly names: string;
  readonly values: string;
  /** When they are there. */
  readonly condition: string;
}

/** A space's variables; those whose names differ in numbers alone, and whose values are alike, are one group. */
export function variableGroups({ program }: Pick<SearchSpace, 'program'>): VariableGroup[] {
  const groups: { key: string; genes: Gene[] }[] = [];
  for (const gene of program.genes) {
    const { name, kind, picks, parent } = gene;
    const key = [patternOf(name), kind, picks, parent < 0 ? '' : patternOf(program.genes[parent]!.name)].join(' ');
    const alike = groups.find((group) => group.key === key && begins(texts(group.genes.at(-1)!), texts(gene)));
    if (alike === undefined) groups.push({ key, genes: [gene] });
    else alike.genes.push(gene);
  }
  return groups.map(({ genes }) => ({
    names: namesOf(genes),
    values: valuesOf(genes),
    condition: conditionOf(program, genes),
  }));
}

const patternOf = (name: string): string => name.replace(/\d+/g, '#');

/** What a gene chooses among: the members of subsets, else the values. */
const texts = ({ kind, values }: Gene): string[] =>
  kind === 'subset' ? [...new Set(values.flatMap((value) => value.split(',')))] : [...values];

/** Whether one of two lists is how the other begins. */
const begins = (a: readonly string[], b: readonly string[]): boolean =>
  a.slice(0, b.length).every((value, i) => value === b[i]);

function namesOf(genes: readonly Gene[]): string {
  const [first, last] = [genes[0]!.name, genes.at(-1)!.name];
  return genes.length === 1 ? first : `${first} .. ${last} (${genes.length})`;
}

function valuesOf(genes: readonly Gene[]): string {
  const lists = genes.map(texts);
  const sizes = lists.map(({ length }) => length);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const longest = lists.find(({ length }) => length === most)!;
  const cut = longest.length > MOST_VALUES;
  const listed = cut ? `${longest.slice(0, MOST_VALUES - 1).join(', ')}, ... (${most})` : longest.join(', ');
  const { kind, picks } = genes[0]!;
  const range = least < most ? `the first ${least} to ${most} of ` : '';
  return `${kind === 'subset' ? `${picks} of ` : ''}${range}${listed}`;
}

function conditionOf({ genes: all }: SpaceProgram, genes: readonly Gene[]): string {
  const [first] = genes;
  if (first!.parent < 0) return '';
  const text = ({ parent, when }: Gene): string =>
    `${all[parent]!.name}=${when.map((v) => all[parent]!.values[v]).join('|')}`;
  const more = genes.some((gene) => text(gene) !== text(first!)) ? ', and so on' : '';
  return `while ${text(first!)}${more}`;
}

/** What a valid architecture must keep, in words. */
export function constraintTexts({ program }: Pick<SearchSpace, 'program'>): string[] {
  return [
    ...program.sections.flatMap((section) => sectionTexts(program, section)),
    ...distinctTexts(program),
    ...program.counts.map((count) => countText(program, count)),
  ];
}

const within = ({ first, nodes }: Section, node: number): boolean => node >= first && node < first + nodes;

function sectionTexts({ nodeNames, edges, genes }: SpaceProgram, section: Section): string[] {
  const { name, prune, connected, maxEdges, minInDegree, maxInDegree, required, pairs } = section;
  /** Whether a node may not be there although others could take it as an input. */
  const mayLack = (node: number): boolean => {
    const into = edges.filter(({ to }) => to === node);
    const unfed = into.length > 0 && into.every(({ gene }) => gene >= 0 && genes[gene]!.kind === 'bit');
    return section.presence.some((p) => p.node === node) || (prune && unfed);
  };
  const chosen = edges.some(({ gene, from }) => gene >= 0 && genes[gene]!.kind !== 'bit' && within(section, from) && mayLack(from)); // prettier-ignore
  const named = (node: number): string => nodeNames[node]!;
  const texts: string[] = [];
  if (connected) texts.push('a path from an input to an output');
  if (maxEdges >= 0) texts.push(`at most ${maxEdges} edges`);
  if (minInDegree >= 0) texts.push(`at least ${minInDegree} into every node but the inputs`);
  if (maxInDegree >= 0) texts.push(`at most ${maxInDegree} into every node but the inputs`);
  if (required.length > 0) texts.push(`${required.map(named).join(', ')} must be used`);
  if (pairs.length > 0)
    texts.push(`both or neither of ${pairs.map(([a, b]) => `${named(a)} and ${named(b)}`).join(', ')}`);
  if (chosen) texts.push('no chosen input from a node that is not there');
  const after = prune ? ' (nodes on no path from an input to an output are taken away before)' : '';
  return texts.length === 0 ? [] : [`${name}: ${texts.join('; ')}${after}`];
}

function countText({ genes }: SpaceProgram, { name, terms, min, max }: ValueCount): string {
  const all = terms.map(
    ({ gene, values }) => `${genes[gene]!.name}=${values.map((value) => genes[gene]!.values[value]).join('|')}`,
  );
  if (name === `not ${all.join(' with ')}`) return name;
  const bounds = [...(min > 0 ? [`at least ${min}`] : []), ...(max < terms.length ? [`at most ${max}`] : [])];
  const listed = all.slice(0, MOST_TERMS);
  const more = terms.length > MOST_TERMS ? `, ... (${terms.length})` : '';
  return `${name}: ${bounds.join(' and ') || 'any'} of ${listed.join(', ')}${more}`;
}

function distinctTexts({ genes }: SpaceProgram): string[] {
  const last = genes.filter((gene, g) => gene.distinct >= 0 && !genes.some(({ distinct }) => distinct === g));
  if (last.length === 0) return [];
  const chain: string[] = [];
  for (let gene: Gene | undefined = last[0]; gene !== undefined; gene = genes[gene.distinct]) chain.unshift(gene.name);
  return [`different values of ${chain.join(', ')}${last.length > 1 ? ', and so on' : ''}`];
}
