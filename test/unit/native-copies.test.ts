import { native, type NativePool } from '../../src/native.js';
import { finish, fitPlan, fourGenes, fourTargets, newProxy } from '../support/native.js';
import { tinySpace } from '../support/spaces.js';

const { program } = tinySpace();
const newPool = (): NativePool => new (native().Pool)(program);

describe('typed arrays that the caller changes after the call', () => {
  async function fitted(change: (genes: Uint8Array, targets: Float32Array) => void): Promise<Float32Array> {
    const proxy = newProxy();
    const [genes, targets] = [fourGenes(), fourTargets()];
    proxy.beginFit(genes, targets, fitPlan);
    change(genes, targets);
    await finish(() => proxy.fit(100));
    const parameters = proxy.parameters();
    proxy.close();
    return parameters;
  }

  test('beginFit has copied them, detached ones too', async () => {
    const untouched = await fitted(() => {});
    const scribble = (genes: Uint8Array, targets: Float32Array): void => {
      genes.fill(255);
      targets.fill(NaN);
    };
    const detach = (genes: Uint8Array, targets: Float32Array): void => {
      structuredClone(genes, { transfer: [genes.buffer as ArrayBuffer] });
      structuredClone(targets, { transfer: [targets.buffer as ArrayBuffer] });
    };
    expect(await fitted(scribble)).toEqual(untouched);
    expect(await fitted(detach)).toEqual(untouched);
    expect(newProxy().parameters()).not.toEqual(untouched); // a fit does change them
  });

  test('what the program was made of', () => {
    const copy = structuredClone(program) as unknown as {
      fixedFeatures: Int32Array;
      genes: { choices: number }[];
      edges: object[];
      edgeCells: { edges: Int32Array }[];
    };
    const pool = new (native().Pool)(copy as never);
    copy.fixedFeatures.fill(-7);
    copy.genes.forEach((gene) => (gene.choices = 1));
    copy.edges.length = 0;
    copy.edgeCells[0]!.edges.fill(1 << 30);
    expect(pool.addUniform(100, 1, 1)).toBe(8);
    pool.close();
  });

  test('what was read out is a copy', () => {
    const [pool, proxy] = [newPool(), newProxy()];
    pool.addUniform(3, 1, 1);
    const candidates = pool.candidates();
    pool.candidates().fill(9);
    expect(pool.candidates()).toEqual(candidates);
    const parameters = proxy.parameters();
    proxy.parameters().fill(9);
    expect(proxy.parameters()).toEqual(parameters);
    const mine = parameters.slice();
    proxy.setParameters(mine);
    mine.fill(9);
    expect(proxy.parameters()).toEqual(parameters);
    pool.close();
    proxy.close();
  });

  test('a view into a larger buffer is read at its place', () => {
    const pool = newPool();
    const bytes = Uint8Array.of(255, 255, 0, 1, 1, 255);
    pool.addKnown(bytes.subarray(2, 5));
    expect(pool.addUniform(100, 1, 1)).toBe(7);
    pool.close();
  });
});
