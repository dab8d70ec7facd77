import { complaintAbout, edges, head, inputs, nodes, recurrent } from '../../support/space-file.js';

describe('cells', () => {
  test.each<[string, string, string]>([
    [
      'an unknown kind',
      'cells:\n  cell: { on: loops }\n',
      'line 5, cells.cell.on: expected one of edges, nodes, inputs, recurrent, given "loops"',
    ],
    [
      'no kind',
      'cells:\n  cell: {}\n',
      'line 5, cells.cell.on: expected one of edges, nodes, inputs, recurrent, given "nothing"',
    ],
    ['a cell that is a number', 'cells:\n  cell: 7\n', 'line 5, cells.cell: expected object, given 7'],
    [
      'a name that is a number',
      'cells:\n  7: { on: edges }\n',
      'line 5, cells.7: expected a name of letters, digits and "_" that begins with a letter',
    ],
    [
      'an unknown key',
      edges.replace('vertices', 'vertexes'),
      'line 7, cells.cell.vertexes: expected one of on, vertices, operations, zero, identity, given "an unknown key"',
    ],
    [
      'too many vertices',
      edges.replace('3', '9'),
      'line 7, cells.cell.vertices: expected a whole number from 2 to 8, given 9',
    ],
    [
      'vertices without end',
      recurrent.replace('vertices: 3', 'vertices: 999999'),
      'line 7, cells.cell.vertices: expected a whole number from 1 to 64, given 999999',
    ],
    ['half a vertex', edges.replace('3', '2.5'), 'line 7, cells.cell.vertices: expected a whole number, given 2.5'],
    [
      'no operations',
      edges.replace('[a, b]', '[]'),
      'line 8, cells.cell.operations: expected at least one value, given []',
    ],
    [
      'the same operation twice',
      edges.replace('[a, b]', '[a, a]'),
      'line 8, cells.cell.operations: expected values that differ from each other, given ["a","a"]',
    ],
    [
      'an operation with a space',
      edges.replace('[a, b]', '[a, b c]'),
      'line 8, cells.cell.operations.1: expected text without spaces and "=", given "b c"',
    ],
    [
      'an operation that is nothing',
      edges.replace('[a, b]', '[a, null]'),
      'line 8, cells.cell.operations.1: expected string or number or boolean, given null',
    ],
    [
      'an operation "absent"',
      edges.replace('[a, b]', '[a, absent]'),
      'line 8, cells.cell.operations.1: expected another value than "absent"',
    ],
    ['an unknown zero', `${edges}    zero: c\n`, 'line 9, cells.cell.zero: expected one of a, b, given "c"'],
    [
      'an unknown identity',
      `${edges}    identity: c\n`,
      'line 9, cells.cell.identity: expected one of a, b, given "c"',
    ],
    [
      'too many nodes',
      nodes.replace('4', '17'),
      'line 7, cells.cell.nodes: expected a whole number from 2 to 16, given 17',
    ],
    [
      'nodes without operations',
      nodes.replace('    operations: [a, b]\n', ''),
      'cells.cell.operations: expected a list of operations, given "nothing"',
    ],
    [
      'nodes without edges',
      nodes.replace('    edges: free\n', ''),
      'cells.cell.edges: expected "free" where nodes is a number',
    ],
    [
      'an input of nodes that have no names',
      `${nodes}    input: a\n`,
      'line 10, cells.cell.input: expected no such key where nodes is a number',
    ],
    [
      'too many inputs to choose',
      inputs.replace('choose: 2', 'choose: 3'),
      'line 9, cells.cell.choose: expected at most the 2 inputs of the first node, given 3',
    ],
    [
      'too many ways to choose',
      inputs.replace('nodes: 2', 'nodes: 30'),
      'line 8, cells.cell.nodes: expected at most 255 choices of inputs, given 30',
    ],
    [
      'too many graph nodes',
      inputs.replace('nodes: 2', 'nodes: 21'),
      'line 5, cells.cell: expected a cell of at most 64 graph nodes, given 66',
    ],
    [
      'too many inputs of a recurrent cell',
      recurrent.replace('2', '3'),
      'line 10, cells.cell.operations: expected at most 2 inputs, for the first vertex, given 3',
    ],
    [
      'more states than vertices',
      recurrent.replace('states: 1', 'states: 4'),
      'line 9, cells.cell.states: expected at most as many as there are vertices, given 4',
    ],
    [
      'no operations of a recurrent cell',
      recurrent.replace('{ lin: { inputs: 2 } }', '{}'),
      'line 10, cells.cell.operations: expected at least one operation',
    ],
    [
      'an operation with four inputs',
      recurrent.replace('inputs: 2', 'inputs: 4'),
      'line 10, cells.cell.operations.lin.inputs: expected a whole number from 1 to 3, given 4',
    ],
    [
      'an input named as a state',
      recurrent.replace('[x]', '[h_prev_0]'),
      'line 8, cells.cell.inputs: expected names that differ from each other',
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await complaintAbout(head + text)).toContain(
      `mine.yaml ${expected.startsWith('line') ? '' : 'line 5, '}${expected}`,
    );
  });
});
