/** What a search is for, where that is more than one number. */
export interface Aim {
  /** Each objective, in the order of an answer's values. */
  readonly objectives: readonly {
    /** Whether it is known before a query. */
    readonly known: boolean;
    /** Turned so that larger is better: only what is better counts. @default from what is seen */
    readonly reference?: number | undefined;
  }[];
  /** Bounds of each metric that is constrained and that only a query tells, in the order of an answer's. */
  readonly costly: readonly { readonly min: number; readonly max: number }[];
}
