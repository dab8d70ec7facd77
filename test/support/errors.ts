import { OptiProxyError, type ErrorCode } from '../../src/errors.js';

/** The OptiProxyError that `work` throws or rejects with; fails the test if there is none, or another code. */
export async function errorOf(code: ErrorCode, work: () => unknown): Promise<OptiProxyError> {
  let error: unknown;
  try {
    await work();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(OptiProxyError);
  expect(error).toMatchObject({ code });
  expect((error as OptiProxyError).message).not.toMatch(/\n|(?<!given )undefined|\[object/);
  return error as OptiProxyError;
}
