/**
 * Packages that exist as ES modules only.  They are loaded when they are first needed: this package is CommonJS, and whoever
 * reads no Parquet file, imports no benchmark and writes no model should not wait for them.
 */
export const loadHyparquet = () => import('hyparquet');
export const loadParquetPages = () => import('hyparquet/src/column.js');
export const loadParquetWriter = () => import('hyparquet-writer');
export const loadPbf = () => import('pbf');
