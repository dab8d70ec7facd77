/** Rows that follow each other. */
export interface RowBatch {
  /** Names of the columns, the same in every batch; the first batch may hold nothing else. */
  readonly columns: readonly string[];
  /** What positions count. */
  readonly unit: 'line' | 'row';
  /** 1-based position of each row in the file. */
  readonly positions: readonly number[];
  /** Cells of each row, in the order of the columns: text from CSV, else strings, numbers, objects; nullish if absent. */
  readonly rows: readonly (readonly unknown[])[];
}

/** Told the names of the columns before the first row, answers with those whose cells it will read. */
export type ChooseColumns = (columns: readonly string[]) => readonly string[];
