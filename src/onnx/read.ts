import type { PbfReader } from 'pbf' with { 'resolution-mode': 'import' };
import { OptiProxyError } from '../errors.js';
import { loadPbf } from '../packages.js';

/** The texts that travel with a model (metadata_props of onnx.proto).  Throws `INVALID_ARGUMENT` for what is no ONNX file. */
export async function readMetadata(file: string, bytes: Uint8Array): Promise<ReadonlyMap<string, string>> {
  const { PbfReader } = await loadPbf();
  try {
    return new PbfReader(bytes).readFields(readModelField, new Map<string, string>());
  } catch (cause) {
    throw new OptiProxyError('INVALID_ARGUMENT', { what: file, expected: 'an ONNX model', given: (cause as Error).message, cause }); // prettier-ignore
  }
}

function readModelField(tag: number, metadata: Map<string, string>, reader: PbfReader): void {
  if (tag !== 14) return;
  const entry = reader.readMessage(readEntryField, { key: '', value: '' });
  metadata.set(entry.key, entry.value);
}

function readEntryField(tag: number, entry: { key: string; value: string }, reader: PbfReader): void {
  if (tag === 1) entry.key = reader.readString();
  else if (tag === 2) entry.value = reader.readString();
}
