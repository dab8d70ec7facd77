import type { Command } from 'commander';
import { spaceNames } from '../space/index.js';
import { isomorphisms } from '../space/types.js';
import { collect, wholeNumber } from './flags.js';

/** What is searched, and for what. */
export function taskOptions(command: Command, oracles: string): Command {
  return command
    .option('--space <id|file>', `search space: ${spaceNames.join(', ')}, or a space file`)
    .option('--isomorphism <name>', `what counts as the same architecture: ${isomorphisms.join(', ')}`)
    .option('--oracle <source>', `what measures an architecture: ${oracles}; digits201 brings its own`)
    .option('--key <columns>', 'column of the architecture in a table (arch), or several with commas between')
    .option('--missing <what>', 'rows of a table that lack a metric: refuse (default) or skip')
    .option('--repeated <what>', 'rows of a table with the same architecture: refuse (default) or mean')
    .option(
      '--pool <file|table>',
      'the only architectures that can be queried: a table, a text file with one a line, or "table", those of the oracle',
    )
    .option(
      '--objective <metric[:max|min]>',
      'metric to search for (digits201: val_acc); repeated, several at once: a Pareto front',
      collect,
    )
    .option('--report <metric>', 'another metric to show; may be repeated', collect)
    .option(
      '--metric <name=table:file|name=onnx:file>',
      'a metric that is known before a query, a column of a table or what a model says; may be repeated',
      collect,
    )
    .option(
      '--constraint <metric<=x>',
      "what a metric must be, of --metric or told by the oracle, like 'latency_ms<=5' or 'latency_ms>=0'; may be repeated",
      collect,
    )
    .option('--queries <n>', 'budget: architectures to query', wholeNumber('--queries', 1));
}
