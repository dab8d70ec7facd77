import type * as metadataWriter from 'hyparquet-writer/src/metadata.js' with { 'resolution-mode': 'import' };
import type * as packages from '../../src/packages.js';

/** What test/support/package-environment.js gives a test file that names it. */
declare const importPackage: <T>(name: string) => Promise<T>;

/** Stands in for src/packages.ts under jest, with the same packages. */
export const nodePackages: typeof packages = {
  loadHyparquet: () => importPackage('hyparquet'),
  loadParquetPages: () => importPackage('hyparquet/src/column.js'),
  loadParquetWriter: () => importPackage('hyparquet-writer'),
  loadPbf: () => importPackage('pbf'),
};

export const { loadParquetWriter } = nodePackages;
export const loadMetadataWriter = (): Promise<typeof metadataWriter> =>
  importPackage('hyparquet-writer/src/metadata.js');
