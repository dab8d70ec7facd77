/** What a cell of any format means. */

/** NaN for anything but a number or a plain decimal text (Number alone takes "", "0x1" and " 1 "). */
export function toNumber(cell: unknown): number {
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'bigint') return Number(cell);
  if (typeof cell !== 'string') return NaN;
  return /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(cell) ? Number(cell) : NaN;
}

/** Whether a cell says that nothing was measured, as opposed to something that is no number. */
export function isMissing(cell: unknown): boolean {
  if (typeof cell === 'string') return /^\s*(nan|na|null|none)?\s*$/i.test(cell);
  return cell === undefined || cell === null || Number.isNaN(cell);
}

/** The part of an architecture's text that a cell holds; undefined if it cannot be one. */
export function toKey(cell: unknown): string | undefined {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number' || typeof cell === 'bigint') return String(cell);
  if (typeof cell !== 'object' || cell === null) return undefined;
  try {
    return JSON.stringify(cell);
  } catch {
    return undefined; // nested too deeply to be written out
  }
}
