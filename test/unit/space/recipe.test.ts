import { spaces } from '../../../src/space/index.js';
import { errorOf } from '../../support/errors.js';

const space = spaces.nasbenchNlp();
type Recipe = Record<string, { op: string; input: string[] }>;
const parse = (recipe: Recipe): Uint8Array => space.parse(JSON.stringify(recipe));

const rnn: Recipe = {
  f: { op: 'linear', input: ['x', 'h_prev_0'] },
  h_new_0: { op: 'activation_tanh', input: ['f'] },
};
const lstm: Recipe = {
  i: { op: 'linear', input: ['x', 'h_prev_0'] },
  i_act: { op: 'activation_tanh', input: ['i'] },
  j: { op: 'linear', input: ['x', 'h_prev_0'] },
  j_act: { op: 'activation_sigm', input: ['j'] },
  f: { op: 'linear', input: ['x', 'h_prev_0'] },
  f_act: { op: 'activation_sigm', input: ['f'] },
  o: { op: 'linear', input: ['x', 'h_prev_0'] },
  o_act: { op: 'activation_tanh', input: ['o'] },
  h_new_1_part1: { op: 'elementwise_prod', input: ['f_act', 'h_prev_1'] },
  h_new_1_part2: { op: 'elementwise_prod', input: ['i_act', 'j_act'] },
  h_new_1: { op: 'elementwise_sum', input: ['h_new_1_part1', 'h_new_1_part2'] },
  h_new_1_act: { op: 'activation_tanh', input: ['h_new_1'] },
  h_new_0: { op: 'elementwise_prod', input: ['h_new_1_act', 'o_act'] },
};
const gru: Recipe = {
  r: { op: 'linear', input: ['x', 'h_prev_0'] },
  r_act: { op: 'activation_sigm', input: ['r'] },
  z: { op: 'linear', input: ['x', 'h_prev_0'] },
  z_act: { op: 'activation_sigm', input: ['z'] },
  rh: { op: 'elementwise_prod', input: ['r_act', 'h_prev_0'] },
  h_tilde: { op: 'linear', input: ['x', 'rh'] },
  h_tilde_act: { op: 'activation_tanh', input: ['h_tilde'] },
  h_new_0: { op: 'blend', input: ['z_act', 'h_prev_0', 'h_tilde_act'] },
};

test('vertices that nothing needs take the lowest genes', () => {
  const genes = parse(rnn);
  // linear2 of x and h_prev_0; activation_tanh of node_0; then linear2 of x and h_prev_0, thirteen times.
  expect([...genes.slice(0, 8)]).toEqual([0, 0, 1, 4, 5, 4, 5, 5]);
  for (let i = 2; i < 15; ++i) expect([...genes.slice(4 * i, 4 * i + 4)]).toEqual([0, 0, 1, 4 + i]);
  expect([...genes.slice(60)]).toEqual([0, 1, 15, 15]);
});

test('names are new, inputs stay as they stand', () => {
  expect(space.format(parse(rnn))).toBe(space.example);
  expect(space.format(parse(gru))).toBe(
    '{"node_0":{"op":"linear","input":["x","h_prev_0"]},"node_1":{"op":"activation_sigm","input":["node_0"]},' +
      '"node_2":{"op":"linear","input":["x","h_prev_0"]},"node_3":{"op":"activation_sigm","input":["node_2"]},' +
      '"node_4":{"op":"elementwise_prod","input":["node_1","h_prev_0"]},"node_5":{"op":"linear","input":["x","node_4"]},' +
      '"node_6":{"op":"activation_tanh","input":["node_5"]},"h_new_0":{"op":"blend","input":["node_3","h_prev_0","node_6"]}}',
  );
  expect(Object.keys(JSON.parse(space.format(parse(lstm))) as Recipe)).toEqual(
    ['node_0', 'node_1', 'node_2', 'node_3', 'node_4', 'node_5', 'node_6', 'node_7', 'node_8', 'node_9', 'h_new_1', 'node_10', 'h_new_0'], // prettier-ignore
  );
});

test('the order of the entries does not matter', () => {
  const backwards = Object.fromEntries(Object.entries(lstm).reverse());
  expect(space.keys(parse(backwards))).toEqual(space.keys(parse(lstm)));
});

test('the order of inputs matters to a blend, and to nothing else', () => {
  const swapped = (name: string): Recipe => ({
    ...gru,
    [name]: { ...gru[name]!, input: [...gru[name]!.input].reverse() },
  });
  const key = (recipe: Recipe): string => Buffer.from(space.keys(parse(recipe))).toString('hex');
  expect(key(swapped('r'))).toBe(key(gru));
  expect(key(swapped('rh'))).toBe(key(gru));
  expect(key(swapped('h_new_0'))).not.toBe(key(gru));
});

test('vertices that no state depends on are read but not written', () => {
  const genes = parse({ ...rnn, spare: { op: 'activation_sigm', input: ['f'] } });
  expect(genes).not.toEqual(parse(rnn));
  expect(space.format(genes)).toBe(space.format(parse(rnn)));
  expect(space.keys(genes)).toEqual(space.keys(parse(rnn)));
});

describe('a recipe is refused, naming the entry,', () => {
  const chain = (length: number): Recipe =>
    Object.fromEntries(Array.from({ length }, (_, i) => [i === length - 1 ? 'h_new_0' : `n${i}`, { op: 'activation_tanh', input: [i === 0 ? 'x' : `n${i - 1}`] }])); // prettier-ignore
  test.each<[string, unknown, RegExp]>([
    ['that is no JSON', 'linear', /nasbench-nlp architecture: expected the JSON of a recipe/],
    ['that is a list', [], /expected an object of \{"name": \{"op", "input"\}\}, given \[\]/],
    ['without entries', {}, /expected h_new_0, or more up to h_new_2 without a gap, given ""/],
    ['without a state', { f: rnn['f'] }, /expected h_new_0, or more/],
    ['with a gap in its states', { ...rnn, h_new_2: rnn['h_new_0'] }, /without a gap, given "h_new_0, h_new_2"/],
    [
      'with a state too many',
      { ...rnn, h_new_1: rnn['f'], h_new_2: rnn['f'], h_new_3: rnn['f'] },
      /up to h_new_2 without a gap/,
    ],
    ['with an entry that is none', { ...rnn, g: 7 }, /, g: expected \{"op": text, "input": \[names\]\}, given 7/],
    ['with an empty entry', { ...rnn, g: null }, /, g: expected \{"op": text/],
    [
      'that names an input again',
      { ...rnn, x: rnn['f'] },
      /, x: expected another name, as this one is an input of the cell/,
    ],
    [
      'with an unknown operation',
      { ...rnn, f: { op: 'conv', input: ['x'] } },
      /, f: expected one of linear of 2, linear of 3, blend of 3, .*given "conv of 1"/,
    ],
    [
      'with too many inputs',
      { ...rnn, f: { op: 'linear', input: ['x', 'h_prev_0', 'h_prev_1', 'h_prev_2'] } },
      /given "linear of 4"/,
    ],
    [
      'with an unknown input',
      { ...rnn, f: { op: 'linear', input: ['x', 'y'] } },
      /, f: expected inputs among x, h_prev_0, h_prev_1, h_prev_2 and the other entries, given "y"/,
    ],
    [
      'with the same input twice',
      { ...rnn, f: { op: 'linear', input: ['x', 'x'] } },
      /, f: expected inputs that differ from each other, given "x, x"/,
    ],
    [
      'that runs in a circle',
      { ...rnn, f: { op: 'linear', input: ['x', 'h_new_0'] } },
      /: expected inputs that do not depend on it/,
    ],
    ['of sixteen vertices', chain(16), /expected at most 15 vertices, given 16/],
  ])('%s', async (_name, given, message) => {
    const text = typeof given === 'string' ? given : JSON.stringify(given);
    expect((await errorOf('INVALID_ARCHITECTURE', () => space.parse(text))).message).toMatch(message);
  });

  test('and fifteen are not too many', () => {
    expect(() => parse(chain(15))).not.toThrow();
  });
});
