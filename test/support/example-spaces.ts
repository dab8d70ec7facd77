import { parseSpace } from '../../src/space/index.js';
import type { SearchSpace } from '../../src/space/types.js';

/** Small spaces that use what the built-in ones do not. */
export const exampleFiles = {
  'named nodes, optional and shared': `
schema: 1
id: named
description: every kind of named node
isomorphism: graph
cells:
  body:
    on: nodes
    prune: true
    output: [merge, out]
    nodes:
      in:
      a: { operations: [conv, pool], inputs: { choose: 1, of: [in] } }
      b: { same_as: a, inputs: { choose: 1, of: [in, a] } }
      c: { operations: [conv, att], optional: true, inputs: { choose: 2, of: [in, a, b] } }
      d: { when: { c: att } }
      merge: { operations: [add, concat], inputs: { slots: 2, of: [in, a, b], ordered: [concat] } }
      out:
    edges: { fixed: [[c, d], [b, out]], free: [[a, out], [c, out], [d, out]] }
constraints:
  - { cell: body, maxEdges: 8, connected: true, inDegree: { max: 3 } }
  - { forbid: { a: pool, merge: [concat] } }
`,
  'a node that decides about another, and may be pruned away': `
schema: 1
id: decides
description: by encoding
cells:
  body:
    on: nodes
    prune: true
    nodes:
      in:
      a: { operations: [conv, pool] }
      b: { operations: [conv, pool], when: { a: pool } }
      c: { operations: [conv], optional: true, inputs: { choose: 1, of: [in, b] } }
      out:
    edges: { fixed: [[in, b], [b, out], [in, out]], free: [[in, a], [a, out], [c, out]] }
`,
  'a cell of slots whose order matters': `
schema: 1
id: slots
description: order always matters, sometimes, never
isomorphism: graph
cells:
  cell:
    on: nodes
    nodes:
      x: { operations: [p, q] }
      y: { same_as: x }
      z: { operations: [p, q] }
      s: { inputs: { slots: 2, of: [x, y, z] } }
      t: { inputs: { slots: 2, of: [x, y, z], ordered: false } }
      u: { operations: [p, q, r], inputs: { slots: 3, of: [x, y, z, s], ordered: [r] } }
      out:
    edges: { fixed: [[s, out], [t, out], [u, out]] }
    input: [x, y, z]
`,
  'two cells and a chain': `
schema: 1
id: both
description: cells beside a chain, with shared, optional and conditional choices
choices: { width: [16, 32] }
chain:
  - stage: stem
    choices: { kernel: [3, 5] }
  - stage: body
    depth: [1, 3]
    share: true
    choices: { kind: [a, b], heads: { values: [1, 2], when: { kind: b } } }
  - stage: tail
    depth: [1, 2]
    choices: { kernel: [3, 7] }
cells:
  left: { on: edges, vertices: 3, operations: [zero, one] }
constraints:
  - { name: some of 3, count: { variables: [stem.kernel, 'tail.*'], values: 3, min: 1, max: 2 } }
`,
  'two edge cells by computation': `
schema: 1
id: cells2
description: two cells with operations on their edges
isomorphism: computation
choices: { width: [16, 32] }
cells:
  left: &cell { on: edges, vertices: 3, operations: [o, s, c], zero: o, identity: s }
  right: *cell
`,
  'a small recurrent cell': `
schema: 1
id: rnn
description: three vertices and up to two states
isomorphism: graph
cells:
  cell:
    on: recurrent
    vertices: 3
    inputs: [x]
    states: 2
    operations: { lin: { inputs: 2 }, gate: { inputs: 3, ordered: true }, act: { inputs: 1 } }
text: { form: recipe }
`,
  'one state, inputs in order': `
schema: 1
id: rnn1
description: two vertices
isomorphism: graph
cells:
  cell: { on: recurrent, vertices: 2, inputs: [x, y], states: 1, operations: { f: { inputs: 2, ordered: true } } }
`,
};

export function exampleSpaces(): SearchSpace[] {
  return Object.entries(exampleFiles).map(([name, text]) => parseSpace(text, name));
}
