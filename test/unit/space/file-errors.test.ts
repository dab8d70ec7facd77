import { chain, complaintAbout, edges, head, nodes } from '../../support/space-file.js';

describe('the file: an error names line and key', () => {
  test.each<[string, string, string]>([
    ['nothing', '', 'mine.yaml: expected object, given null'],
    ['a list', '- a\n', 'mine.yaml: expected object, given ["a"]'],
    ['broken YAML', `${head}cells: [\n`, 'mine.yaml line 5: expected valid YAML, given'],
    ['too large', `# ${'x'.repeat(5 << 20)}`, 'mine.yaml: expected a YAML file of at most 4 MiB, given "6 MiB"'],
    ['no schema', 'id: mine\n', 'mine.yaml, schema: expected one of 1, given "nothing"'],
    ['another schema', 'schema: 2\n', 'mine.yaml line 1, schema: expected one of 1, given 2'],
    ['no id', 'schema: 1\n', 'mine.yaml, id: expected string, given "nothing"'],
    [
      'an id with spaces',
      'schema: 1\nid: a b\n',
      'mine.yaml line 2, id: expected an id of letters, digits, "_" and "-", given "a b"',
    ],
    ['no description', 'schema: 1\nid: mine\n', 'mine.yaml, description: expected string, given "nothing"'],
    [
      'an unknown key',
      `${head}cell: {}\n`,
      'mine.yaml line 4, cell: expected one of schema, id, description, source, isomorphism, choices, cells, chain, constraints, text, example, given "an unknown key"',
    ],
    ['no variable', head, 'mine.yaml: expected at least one variable, given "none"'],
    [
      'an unknown isomorphism',
      `${head}isomorphism: same\n${edges}`,
      'mine.yaml line 4, isomorphism: expected one of encoding, graph, skips, zeros, computation, given "same"',
    ],
    [
      'an isomorphism of edges for nodes',
      `${head}isomorphism: computation\n${nodes}`,
      'mine.yaml line 4, isomorphism: expected one of encoding, graph for this space, given "computation"',
    ],
    [
      'an isomorphism of cells for a chain',
      `${head}isomorphism: graph\n${chain}`,
      'mine.yaml line 4, isomorphism: expected one of encoding for this space, given "graph"',
    ],
    [
      'a value that is longer than a line',
      `${head}choices: { width: [${'x'.repeat(101)}] }\n`,
      'mine.yaml line 4, choices.width.0: expected at most 100 characters, given "xxx',
    ],
    [
      'a name that is longer than a line',
      `${head}choices: { ${'x'.repeat(101)}: [1] }\n`,
      'expected at most 100 characters',
    ],
    [
      'an example that is none',
      `${head}${chain}example: s.depth=3\n`,
      'mine.yaml line 8, example: expected an architecture of the space, given "mine architecture, s.depth: expected one of 1, 2, given',
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await complaintAbout(text)).toContain(expected);
  });
});

describe('chains and choices', () => {
  test.each<[string, string, string]>([
    ['depth and repeat', `${chain}    repeat: 2\n`, 'line 8, chain.0.repeat: expected either depth or repeat, given 2'],
    [
      'depths that fall',
      chain.replace('[1, 2]', '[2, 1]'),
      'line 6, chain.0.depth: expected depths in ascending order, given [2,1]',
    ],
    [
      'a depth of none',
      chain.replace('[1, 2]', '[0, 1]'),
      'line 6, chain.0.depth.0: expected a whole number from 1, given 0',
    ],
    [
      'a stage twice',
      `${chain}${chain.replace('chain:\n', '')}`,
      'line 9, chain.1.depth: expected variables of different names, given "s.depth"',
    ],
    [
      'a condition on what is not beside it',
      `choices: { w: [1, 2] }\n${chain.replace('[3, 5]', '{ values: [3, 5], when: { w: [1] } }')}`,
      'chain.0.choices.k.when.w: expected a choice before this one and beside it',
    ],
    [
      'a condition of a choice on itself',
      'choices: { w: { values: [1, 2], when: { w: [1] } } }\n',
      'line 4, choices.w.when.w: expected a choice before this one and beside it, given "w"',
    ],
    [
      'a condition on an unknown value',
      'choices: { v: [1, 2], w: { values: [1, 2], when: { v: [3] } } }\n',
      'line 4, choices.w.when.v: expected a value of v: one of 1, 2, given "3"',
    ],
    ['a choice that is a word', 'choices: { v: big }\n', 'line 4, choices.v: expected'],
  ])('%s', async (_name, text, expected) => {
    expect(await complaintAbout(head + text)).toContain(expected);
  });
});

describe('constraints', () => {
  test.each<[string, string, string]>([
    [
      'of an unknown cell',
      '{ cell: c, maxEdges: 2 }',
      'line 10, constraints.0.cell: expected the name of a cell, given "c"',
    ],
    [
      'with an unknown key',
      '{ cell: cell, maxEdge: 2 }',
      'line 10, constraints.0.maxEdge: expected one of cell, maxEdges, connected, inDegree, given "an unknown key"',
    ],
    [
      'with a negative bound',
      '{ cell: cell, maxEdges: -1 }',
      'line 10, constraints.0.maxEdges: expected a whole number from 0, given -1',
    ],
    [
      'of an unknown variable',
      '{ name: n, count: { variables: 1-9, values: a } }',
      'line 10, constraints.0.count.variables: expected a variable: one of 0-1, 0-2, 1-2, given "1-9"',
    ],
    ['of a pattern that fits none', '{ name: n, count: { variables: x*, values: a } }', 'given "x*"'],
    [
      'of an unknown value',
      '{ name: n, count: { variables: "*", values: [a, c] } }',
      'line 10, constraints.0.count.values: expected values of the variables: a, b, given "c"',
    ],
    [
      'that cannot hold',
      '{ name: n, count: { variables: "*", values: a, min: 4 } }',
      'line 10, constraints.0.count.min: expected a whole number up to 3, given 4',
    ],
    [
      'from more to less',
      '{ name: n, count: { variables: "*", values: a, min: 2, max: 1 } }',
      'line 10, constraints.0.count.min: expected a whole number up to 1, given 2',
    ],
    [
      'of more than any graph has',
      '{ cell: cell, maxEdges: 4294967296 }',
      'line 10, constraints.0.maxEdges: expected a whole number from 0 to 65536, given 4294967296',
    ],
    [
      'of more than any node has',
      '{ cell: cell, inDegree: { max: 300 } }',
      'line 10, constraints.0.inDegree.max: expected a whole number from 0 to 256, given 300',
    ],
    [
      'of more than there can be variables',
      '{ name: n, count: { variables: "*", values: a, max: 4294967296 } }',
      'line 10, constraints.0.count.max: expected a whole number from 0 to 4096, given 4294967296',
    ],
    [
      'without a name',
      '{ count: { variables: "*", values: a } }',
      'line 10, constraints.0.name: expected string, given "nothing"',
    ],
    [
      'that forbids an unknown variable',
      '{ forbid: { 0-1: a, 0-9: a } }',
      'line 10, constraints.0.forbid.0-9: expected a variable: one of 0-1, 0-2, 1-2, given "0-9"',
    ],
    [
      'that forbids an unknown value',
      '{ forbid: { 0-1: c } }',
      'line 10, constraints.0.forbid.0-1: expected a value of 0-1: one of a, b, given "c"',
    ],
    [
      'that forbids nothing',
      '{ forbid: {} }',
      'line 10, constraints.0.forbid: expected at least one variable, given {}',
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await complaintAbout(`${head}${edges}constraints:\n  - ${text}\n`)).toContain(expected);
  });
});
