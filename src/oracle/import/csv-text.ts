import type { ImportedTable } from './imported.js';

/** Rows that are turned into one piece of text. */
const ROWS_A_PIECE = 1024;

/** A table as CSV, in pieces; the same table gives the same bytes.  What was not measured is left empty. */
export function* csvText({ columns, rows }: ImportedTable): Generator<string> {
  yield csvLine(columns);
  for (let from = 0; from < rows.length; from += ROWS_A_PIECE) {
    yield rows
      .slice(from, from + ROWS_A_PIECE)
      .map(csvLine)
      .join('');
  }
}

/** One row of it. */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map(cell).join(',')}\n`;
}

function cell(value: string | number): string {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
