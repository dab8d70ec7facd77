/** Where the genes of a cell are, for the string forms that know one kind of cell. */
export type CellLayout = EdgesLayout | NodesLayout | InputsLayout | RecurrentLayout;

export interface EdgesLayout {
  readonly on: 'edges';
  readonly name: string;
}

export interface NodesLayout {
  readonly on: 'nodes';
  readonly name: string;
  /** Of the short form: nodes of the cell, the gene of each inner one, and of each pair (row by row of the upper triangle). */
  readonly matrix?: {
    readonly nodes: number;
    readonly operations: readonly number[];
    readonly bits: readonly number[];
  };
}

export interface InputsLayout {
  readonly on: 'inputs';
  readonly name: string;
  readonly inputs: number;
  readonly choose: number;
  readonly operations: readonly string[];
  /** Of each inner node: the subset's gene, -1 where all earlier ones are inputs, and the genes of the operations. */
  readonly nodes: readonly { readonly subset: number; readonly operations: readonly number[] }[];
}

export interface RecurrentLayout {
  readonly on: 'recurrent';
  readonly name: string;
  /** What a vertex can take before any vertex: the inputs, then the old states. */
  readonly sources: readonly string[];
  readonly inputs: number;
  readonly operations: readonly { readonly recipe: string; readonly inputs: number; readonly ordered: boolean }[];
  /** Of each vertex: the operation's gene and those of its inputs. */
  readonly vertices: readonly { readonly operation: number; readonly slots: readonly number[] }[];
  /** Gene of the number of states, -1 where it is fixed; genes that name each new state's vertex. */
  readonly states: number;
  readonly outputs: readonly number[];
}
