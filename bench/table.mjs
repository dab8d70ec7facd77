// Writes the README's table of measured speed from bench/results/latest.json (the head of bench/run.mjs says how that is
// made), between the lines <!-- bench:start --> and <!-- bench:end -->; --check only says whether it is up to date.
//
//   node bench/table.mjs [--check] [--readme FILE] [--results FILE]
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './machine.mjs';
import { show } from './stats.mjs';

/** Rows in this order; a name that ends in * stands for every case that begins so. */
const wanted = [
  ['train', '*', 'training step'],
  ['climb', '*', 'climb step, hidden 144'],
  ['score', 'hidden*', 'candidates scored, 10,000 of 15,625'],
  ['score', 'draw*', 'a candidate'],
  ['sample', '*', 'candidates drawn'],
  ['search', '*', 'whole search'],
  ['overhead', 'optiproxy*', 'ask and tell beside the search'],
  ['memory', '*', 'memory'],
];

const sentence = ({ cpu, isa, node, version, commit, date, rounds }) =>
  `Medians of ${rounds} rounds, each case in a fresh process, one thread of ${cpu} (${isa}), Node.js ${node}, ` +
  `OptiProxy ${version}${commit === undefined ? '' : ` at ${commit}`}, ${date.slice(0, 10)}. The peer ran on the same core between our rounds; ` +
  'in brackets the lowest and highest ratio of a round.';

function peerCells(row, peers) {
  const peer = peers.find(({ question, name }) => question === row.question && name === row.name);
  if (peer === undefined) return ['', ''];
  const said = `${show(peer.median, peer.unit)} (${peer.peer} ${peer.version}${peer.against === undefined ? '' : ', its model included'})`;
  // Where ours counts only what is beside the search, there is no like for like to divide.
  if (peer.ratio === undefined || peer.against !== undefined) return [said, ''];
  const { median, min, max } = peer.ratio;
  return [said, `${show(median)} (${show(min)} to ${show(max)})`];
}

function table(result) {
  const rows = wanted.flatMap(([question, pattern, label]) => {
    const fits = (name) => name.startsWith(pattern.replace('*', ''));
    return result.cases
      .filter((row) => row.question === question && fits(row.name))
      .map((row) => [
        `${row.name.includes(' of ') ? label.replace(/ of .*/, '') : label}: ${row.name.replace('optiproxy, ', '')}`,
        show(row.median, row.unit),
        ...peerCells(row, result.peers),
      ]);
  });
  const line = (cells) => `| ${cells.join(' | ')} |`.replace(/ {2,}/g, ' ');
  return [
    sentence(result),
    '',
    line(['measured', 'OptiProxy', 'peer', 'times as fast']),
    line(['---', '---', '---', '---']),
    ...rows.map(line),
  ].join('\n');
}

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    readme: { type: 'string', default: path.join(root, 'README.md') },
    results: { type: 'string', default: path.join(root, 'bench', 'results', 'latest.json') },
  },
});
const readme = readFileSync(values.readme, 'utf8');
const parts = /^([^]*<!-- bench:start -->\n)[^]*(<!-- bench:end -->\n[^]*)$/.exec(readme);
if (parts === null) {
  console.error('bench table: expected <!-- bench:start --> and <!-- bench:end --> in the README, given none');
  process.exit(1);
}
const fresh = `${parts[1]}\n${table(JSON.parse(readFileSync(values.results, 'utf8')))}\n\n${parts[2]}`;
if (!values.check) writeFileSync(values.readme, fresh);
else if (fresh !== readme) {
  console.error('bench table: the README says other than bench/results/latest.json (hint: node bench/table.mjs)');
  process.exitCode = 1;
}
