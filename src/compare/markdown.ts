import type { Comparison } from './comparison.js';
import type { MethodOnTask } from './analysis.js';
import type { ComparedTask, PairedTest, Quantity } from './tests.js';
import { ALPHA, quantities } from './tests.js';
import { decimalsFor, NONE, show, showEstimate, showP, showQuery } from './text.js';

const AREA_DECIMALS = 4;

/** Charts of a report, as files beside it. */
export interface ChartFiles {
  ranks: string | undefined;
  tasks: readonly string[];
}

/** compare.md; without charts where they are not written. */
export function markdownReport(comparison: Comparison, charts?: ChartFiles): string {
  const { methods, seeds, machine, tasks } = comparison;
  const last = seeds.first + seeds.count - 1;
  const budgets = [...new Set(tasks.map(({ queries }) => queries))].join(' or ');
  const blocks = [
    `# ${methods.map(cell).join(', ')}`,
    `${count(tasks.length, 'task')}, ${count(seeds.count, 'seed')} (${seeds.first} to ${last}), ${budgets} queries a run. OptiProxy ${comparison.version}, Node.js ${machine.node}, ${machine.platform}, ${machine.cpu}${machine.isa.length > 0 ? ` (${machine.isa.join(', ')})` : ''}, ${count(machine.workers, 'worker')}.`,
    `\`\`\`sh\n${comparison.command}\n\`\`\``,
    comparison.procedure['information']!,
    ...overall(comparison, charts?.ranks),
    ...tasks.flatMap((task, i) => taskBlocks(task, comparison, charts?.tasks[i])),
    ...missing(comparison),
    '## How the figures are made',
    Object.entries(comparison.procedure)
      .filter(([name]) => name !== 'information')
      .map(([name, text]) => `- **${name}**: ${text}`)
      .join('\n'),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function overall({ methods, ranks, verdicts, tests }: Comparison, chart: string | undefined): string[] {
  if (methods.length < 2) return [];
  const reference = methods[0]!;
  const verdict = (method: string, quantity: Quantity): string => {
    const found = verdicts.find((v) => v.method === method && v.quantity === quantity);
    return found === undefined ? 'reference' : `${found.better} / ${found.same} / ${found.worse}`;
  };
  const rows = ranks.map(({ method, rank }) => [
    cell(method),
    show(rank, 2),
    ...quantities.map((quantity) => verdict(method, quantity)),
  ]);
  return [
    '## Over the tasks',
    table(
      [
        'method',
        'average rank',
        ...quantities.map((quantity) => `${quantityNames[quantity]}: better / no difference / worse`),
      ],
      rows,
    ),
    `Tasks on which a method is significantly better or worse than ${cell(reference)} (adjusted p < ${ALPHA}, ${count(tests.length, 'test')}).`,
    ...(chart === undefined ? [] : [`![Average rank of each method](${chart})`]),
  ];
}

function taskBlocks(task: ComparedTask, { tests, methods }: Comparison, chart: string | undefined): string[] {
  const { objective, population, target } = task;
  const decimals = decimalsFor(Math.abs(population.best - population.median));
  const own = tests.filter((test) => test.task === task.name);
  const facts = [
    `${cell(task.space)} (${task.isomorphism}), table ${cell(task.table)}, ${objective.goal} ${cell(objective.metric)}, ${task.queries} queries.`,
    `${population.size} architectures${task.pool === null ? '' : ' (a pool)'}: best ${show(population.best, decimals)}, median ${show(population.median, decimals)}; target ${show(target, decimals)}.`,
  ];
  return [
    `## ${cell(task.name)}`,
    facts.join(' '),
    ...(chart === undefined ? [] : [`![Best so far on ${cell(task.name)}](${chart})`]),
    methodTable(task.methods, decimals),
    ...(own.length === 0 ? [] : [testTable(own, methods[0]!, decimals)]),
  ];
}

function methodTable(methods: readonly MethodOnTask[], decimals: number): string {
  const metrics = [...new Set(methods.flatMap(({ report }) => Object.keys(report)))];
  const head = ['method', 'runs', 'mean best', 'mean regret', 'reach the target', 'queries to it: median', '90 %', 'area', 'rank', 'rank in the table', ...metrics.map(cell), 'wall s', 'overhead s']; // prettier-ignore
  const rows = methods.map((m) => {
    const { reached, runs, low, high } = m.success;
    const percent = (share: number): string => (100 * share).toFixed(0);
    return [
      cell(m.method),
      String(m.runs.length),
      showEstimate(m.best, decimals),
      showEstimate(m.regret, decimals),
      `${reached} of ${runs} [${percent(low)} %, ${percent(high)} %]`,
      showQuery(m.queriesToTarget.median),
      showQuery(m.queriesToTarget.p90),
      showEstimate(m.area, AREA_DECIMALS),
      show(m.rank, 2),
      show(m.tableRank, 1),
      ...metrics.map((metric) => (m.report[metric] === undefined ? NONE : showEstimate(m.report[metric], decimals))),
      show(m.wallMs / 1000, 2),
      show(m.overheadMs / 1000, 2),
    ];
  });
  return table(head, rows);
}

const quantityNames: Record<Quantity, string> = { best: 'best value', area: 'area', queries: 'queries to the target' };

function testTable(tests: readonly PairedTest[], reference: string, decimals: number): string {
  const rows = tests.map((t) => [
    cell(t.method),
    quantityNames[t.quantity],
    showEstimate(t.difference, { best: decimals, area: AREA_DECIMALS, queries: 1 }[t.quantity]),
    `${t.differing} of ${t.seeds}`,
    showP(t.p),
    showP(t.adjusted),
    t.verdict === 'same' ? 'no difference' : `significantly ${t.verdict}`,
  ]);
  return table([`against ${cell(reference)}`, 'tested', 'mean difference', 'pairs that differ', 'p', 'adjusted p', 'verdict'], rows); // prettier-ignore
}

function missing({ skipped, failures }: Comparison): string[] {
  if (skipped.length + failures.length === 0) return [];
  const lines = [
    ...skipped.map(({ name, file }) => `- ${cell(name)}, skipped: no table ${cell(file)}`),
    ...failures.map((f) => `- ${cell(f.task)}, ${cell(f.method)}, seed ${f.seed}, failed: ${cell(f.message)}`),
  ];
  return ['## Not compared', lines.join('\n')];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A text that neither leaves its cell nor turns into markup. */
function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*[\]<>|#]/g, (c) => `\\${c}`);
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
