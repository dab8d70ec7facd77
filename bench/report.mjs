// A result for people.
import { show } from './stats.mjs';

const percent = (part) => `${(part * 100).toFixed(part < 0.1 ? 1 : 0)} %`;

/** `all_us` → `all 12.3 µs`. */
function extras(extra = {}) {
  return Object.entries(extra).map(([key, { median }]) => {
    const [, name, unit] = /^(.*?)_(per_s|s|us|mib|bytes)$/.exec(key);
    return `${name.replaceAll('_', ' ')} ${show(median, { mib: 'MiB', per_s: '/s' }[unit] ?? unit)}`;
  });
}

/** How a peer does beside us.  One that counts its model stands beside ours without one: nothing like for like to divide. */
function against({ ratio, against: extra }) {
  if (extra !== undefined) return '  its model included';
  if (ratio === undefined) return ''; // a case that we do not have
  return `  we are ${show(ratio.median)} times as fast (${show(ratio.min)} to ${show(ratio.max)})`;
}

export function text(result, titles) {
  const { cpu, cores, isa, node, version, commit, rounds, core, load, cases, peers, skipped } = result;
  const where = core === undefined ? 'not pinned (no taskset)' : 'pinned to one core';
  const lines = [
    `OptiProxy ${version}${commit === undefined ? '' : ` (${commit})`}, ${isa}, Node.js ${node}`,
    `${cpu}, ${cores} cores, load ${load.start[0]} to ${load.end[0]}; ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, ${where}`,
  ];
  for (const [question, title] of titles) {
    lines.push('', title);
    for (const row of cases.filter((one) => one.question === question)) {
      const beside = extras(row.extra);
      lines.push(
        `  ${row.name.padEnd(58)} ${show(row.median, row.unit).padStart(16)}  spread ${percent(row.spread)}` +
          (beside.length === 0 ? '' : `  (${beside.join(', ')})`),
      );
    }
    for (const row of peers.filter((one) => one.question === question)) {
      lines.push(
        `  ${`${row.peer} ${row.version}: ${row.name.replace('optiproxy, ', '')}`.padEnd(58)} ` +
          `${show(row.median, row.unit).padStart(16)}  spread ${percent(row.spread)}${against(row)}`,
      );
    }
  }
  if (skipped.length > 0) lines.push('', ...skipped.map((line) => `skipped: ${line}`));
  return `${lines.join('\n')}\n`;
}

/** A result for a file under version control: one line a case, so that a change shows what changed. */
export function fileText({ cases, peers, ...head }) {
  const list = (rows) => `[\n  ${rows.map((row) => JSON.stringify(row)).join(',\n  ')}\n ]`;
  const start = JSON.stringify(head, null, 1).replace(/\n\}$/, '');
  return `${start},\n "cases": ${list(cases)},\n "peers": ${list(peers)}\n}\n`;
}
