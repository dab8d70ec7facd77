import { cli, root, type CliOptions } from './cli.js';

/** What a script of a test starts with: the built package, its digits201 oracle, and how to open a study of it. */
const prelude = `
const { Study, spaces, digits201Oracle } = require(${JSON.stringify(root)});
const open = (options) =>
  Study.open({ space: spaces.digits201(), objectives: [{ metric: 'val_acc', goal: 'maximize' }], ...options });
`;

/** Source of a CommonJS script around the body of an async function; what rejects there ends it with status 1. */
export function script(body: string): string {
  return `${prelude}(async () => {\n${body}\n})().catch((error) => { console.error(error); process.exitCode = 1; });\n`;
}

/** Runs a script in a process of its own; it must end well without a word on stderr, and print one JSON value. */
export async function runScript<T>(file: string, options: Omit<CliOptions, 'script'> = {}): Promise<T> {
  const { status, signal, stdout, stderr } = await cli([], { ...options, script: file });
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  return JSON.parse(stdout) as T;
}
