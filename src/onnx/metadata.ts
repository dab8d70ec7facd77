import type { PbfReader } from 'pbf' with { 'resolution-mode': 'import' };
import { loadPbf } from '../packages.js';

/** Texts that travel with a model (metadata_props of ModelProto), of the bytes of its file; the rest is skipped. */
export async function readMetadata(bytes: Uint8Array): Promise<Record<string, string>> {
  const { PbfReader } = await loadPbf();
  return new PbfReader(bytes).readFields(readModel, {});
}

function readModel(tag: number, metadata: Record<string, string>, reader: PbfReader): void {
  if (tag !== 14) return;
  const { key, value } = reader.readMessage(readEntry, { key: '', value: '' });
  metadata[key] = value;
}

function readEntry(tag: number, entry: { key: string; value: string }, reader: PbfReader): void {
  if (tag === 1) entry.key = reader.readString();
  if (tag === 2) entry.value = reader.readString();
}
