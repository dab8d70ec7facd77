import { chain, complaintAbout, edges, head, inputs, nodes } from '../../support/space-file.js';

describe('text', () => {
  const all = "text: '{0-1}{0-2}{1-2}'\n";
  test.each<[string, string, string]>([
    [
      'an unknown form',
      `${edges}text: { form: picture }\n`,
      'line 9, text.form: expected one of template, assignments, matrix, genotype, recipe, given "picture"',
    ],
    [
      'an unknown variable',
      edges + all.replace('0-1', '0-7'),
      'line 9, text: expected variables in braces: 0-1, 0-2, 1-2, given "0-7"',
    ],
    ['a variable twice', edges + all.replace('0-1', '0-2'), 'line 9, text: expected every variable once, given "0-2"'],
    [
      'a variable left out',
      edges + all.replace('{0-1}', ''),
      'line 9, text: expected {0-1}: it does not follow from which others are there',
    ],
    [
      'values that the text cannot tell apart',
      edges.replace('[a, b]', '[a, ab]') + all,
      'line 9, text: expected text behind {0-1} that tells its values apart, given "a and ab"',
    ],
    [
      'a symbol for nothing',
      `${edges}text: { form: template, template: "{0-1}{0-2}{1-2}", symbols: { c: d } }\n`,
      'line 9, text.symbols.c: expected a value of a variable, given "c"',
    ],
    [
      'one symbol for two values',
      `${edges}text: { form: template, template: "{0-1}{0-2}{1-2}", symbols: { a: b } }\n`,
      'line 9, text.symbols: expected a text of its own for each value',
    ],
    [
      'an empty symbol',
      `${edges}text: { form: template, template: "{0-1}{0-2}{1-2}", symbols: { a: "" } }\n`,
      'line 9, text.symbols.a: expected',
    ],
    [
      'a variable before the one it depends on',
      `${chain}text: '{s.1.k}{s.2.k}{s.depth}'\n`,
      'line 8, text: expected s.depth before s.2.k, which depends on it, given "s.2.k"',
    ],
    [
      'a matrix of edges',
      `${edges}text: { form: matrix }\n`,
      'line 9, text.form: expected another form, as this one is for a single cell of "nodes: NUMBER"',
    ],
    [
      'a matrix beside choices',
      `choices: { w: [1, 2] }\n${nodes}text: { form: matrix }\n`,
      'text.form: expected another form, as this one has no place for choices',
    ],
    [
      'a matrix with dashes',
      `${nodes}text: { form: matrix, symbols: { a: x-y } }\n`,
      'line 10, text.symbols.a: expected a symbol without "-" and "|" for the operation a, given "x-y"',
    ],
    [
      'a matrix of operations with dashes',
      `${nodes.replace('[a, b]', '[a-b, b]')}text: { form: matrix, symbols: {} }\n`,
      'expected a symbol without "-" and "|" for the operation a-b, given "none"',
    ],
    [
      'a matrix with two operations alike',
      `${nodes}text: { form: matrix, symbols: { a: b } }\n`,
      'line 10, text.symbols: expected a text of its own for each value',
    ],
    [
      'a genotype of nodes',
      `${nodes}text: { form: genotype }\n`,
      'text.form: expected another form, as this one is for cells "on: inputs" alone',
    ],
    [
      'a recipe of inputs',
      `${inputs}text: { form: recipe }\n`,
      'text.form: expected another form, as this one is for a single cell "on: recurrent"',
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await complaintAbout(head + text)).toContain(expected);
  });
});
