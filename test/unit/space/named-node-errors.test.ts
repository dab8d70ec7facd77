import { complaintAbout, head, named } from '../../support/space-file.js';

describe('named nodes', () => {
  test.each<[string, string, string]>([
    ['a lone node', '      a:\n', 'line 7, cells.cell.nodes: expected at least two nodes, given 1'],
    ['a name with a dash', '      a-b:\n      c:\n', 'line 8, cells.cell.nodes.a-b: expected a name'],
    [
      'an unknown key',
      '      a: { op: [b] }\n      c:\n',
      'line 8, cells.cell.nodes.a.op: expected one of operations, same_as, inputs, optional, when, given "an unknown key"',
    ],
    [
      'operations of its own and of another',
      '      a: { operations: [p] }\n      b: { operations: [p], same_as: a }\n',
      'line 9, cells.cell.nodes.b.same_as: expected either operations or same_as, given "a"',
    ],
    [
      'the same as a later node',
      '      a: { same_as: b }\n      b:\n',
      'line 8, cells.cell.nodes.a.same_as: expected a node before this one',
    ],
    [
      'the same as a node without operations',
      '      a:\n      b: { same_as: a }\n',
      'line 9, cells.cell.nodes.b.same_as: expected a node with operations, given "a"',
    ],
    [
      'the same as a node that may not be there, and optional',
      '      i:\n      a: { operations: [p], optional: true }\n      b: { same_as: a, optional: true }\n',
      'line 10, cells.cell.nodes.b.same_as: expected a node that is always there, as this one is not, given "a"',
    ],
    [
      'optional and under a condition',
      '      i: { operations: [p, q] }\n      a: { optional: true, when: { i: p } }\n',
      'line 9, cells.cell.nodes.a.when: expected either optional or when',
    ],
    [
      'a condition on a later node',
      '      a: { operations: [p], when: { b: p } }\n      b: { operations: [p] }\n',
      'line 8, cells.cell.nodes.a.when.b: expected a variable: one of',
    ],
    [
      'a condition on an unknown value',
      '      a: { operations: [p] }\n      b: { when: { a: q } }\n',
      'line 9, cells.cell.nodes.b.when.a: expected a value of a: one of p, given "q"',
    ],
    [
      'a condition on two variables',
      '      a: { operations: [p] }\n      b: { when: { a: p, c: p } }\n',
      'line 9, cells.cell.nodes.b.when: expected one variable and its values, like {kind: [a, b]}',
    ],
    [
      'inputs from a later node',
      '      a: { inputs: { choose: 1, of: [b] } }\n      b:\n',
      'line 8, cells.cell.nodes.a.inputs.of.0: expected an edge from an earlier node to a later one, given "b, a"',
    ],
    [
      'inputs from itself',
      '      i:\n      a: { inputs: { choose: 1, of: [a] } }\n',
      'line 9, cells.cell.nodes.a.inputs.of.0: expected an edge from an earlier node to a later one, given "a, a"',
    ],
    [
      'inputs from nowhere',
      '      i:\n      a: { inputs: { choose: 1, of: [j] } }\n',
      'line 9, cells.cell.nodes.a.inputs.of.0: expected a node before this one: one of i, a, given "j"',
    ],
    [
      'more inputs than there are',
      '      i:\n      a: { inputs: { choose: 2, of: [i] } }\n',
      'line 9, cells.cell.nodes.a.inputs.choose: expected at most the 1 nodes of "of", given 2',
    ],
    [
      'more slots than there are',
      '      i:\n      a: { inputs: { slots: 2, of: [i] } }\n',
      'line 9, cells.cell.nodes.a.inputs.slots: expected at most the 1 nodes of "of", given 2',
    ],
    [
      'four slots',
      '      i:\n      a: { inputs: { slots: 4, of: [i] } }\n',
      'line 9, cells.cell.nodes.a.inputs.slots: expected a whole number from 1 to 3, given 4',
    ],
    [
      'an order by operations without operations',
      '      i:\n      a: { inputs: { slots: 1, of: [i], ordered: [p] } }\n',
      'line 9, cells.cell.nodes.a.inputs.ordered: expected true or false where the node has no operations',
    ],
    [
      'a fixed edge backwards',
      '      a: { operations: [p] }\n      b:\n    edges: { fixed: [[b, a]] }\n',
      'line 10, cells.cell.edges.fixed.0: expected an edge from an earlier node to a later one, given "b, a"',
    ],
    [
      'an edge twice',
      '      a:\n      b:\n    edges: { fixed: [[a, b]], free: [[a, b]] }\n',
      'line 10, cells.cell.edges.free.0: expected every edge once, given "a, b"',
    ],
    [
      'an edge of three',
      '      a:\n      b:\n    edges: { free: [[a, b, b]] }\n',
      'line 10, cells.cell.edges.free.0: expected',
    ],
    [
      'free edges of named nodes',
      '      a:\n      b:\n    edges: free\n',
      'line 10, cells.cell.edges: expected {fixed, free} where nodes are named, given "free"',
    ],
    [
      'operations for all',
      '      a:\n      b:\n    operations: [p]\n',
      'line 10, cells.cell.operations: expected no such key where nodes are named',
    ],
    [
      'an unknown output',
      '      a: { operations: [p] }\n      b:\n    output: [c]\n',
      'line 10, cells.cell.output: expected a node before this one: one of a, b, given "c"',
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await complaintAbout(head + named(text))).toContain(`mine.yaml ${expected}`);
  });
});
