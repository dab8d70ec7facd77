import type { PbfWriter } from 'pbf' with { 'resolution-mode': 'import' };
import { loadPbf } from '../packages.js';
import {
  elementTypes,
  Real,
  type Attribute,
  type Initializer,
  type Model,
  type Node,
  type ValueInfo,
} from './model.js';

/** The format's version that `OPSET` came with. */
const IR_VERSION = 8;

/** AttributeProto.AttributeType. */
const FLOAT = 1;
const INT = 2;
const STRING = 3;
const INTS = 7;

/** The bytes of a .onnx file (field numbers: onnx.proto, ONNX 1.12). */
export async function encodeModel(model: Model): Promise<Uint8Array> {
  const { PbfWriter } = await loadPbf();
  const writer = new PbfWriter();
  writer.writeVarintField(1, IR_VERSION);
  writer.writeStringField(2, 'optiproxy');
  writer.writeMessage(7, writeGraph, model);
  writer.writeMessage(8, writeOpset, model.opset);
  for (const entry of Object.entries(model.metadata)) writer.writeMessage(14, writeEntry, entry);
  return writer.finish();
}

function writeOpset(version: number, writer: PbfWriter): void {
  writer.writeStringField(1, ''); // the default domain
  writer.writeVarintField(2, version);
}

function writeEntry([key, value]: readonly [string, string], writer: PbfWriter): void {
  writer.writeStringField(1, key);
  writer.writeStringField(2, value);
}

function writeGraph({ name, nodes, initializers, inputs, outputs }: Model, writer: PbfWriter): void {
  for (const node of nodes) writer.writeMessage(1, writeNode, node);
  writer.writeStringField(2, name);
  for (const tensor of initializers) writer.writeMessage(5, writeTensor, tensor);
  for (const input of inputs) writer.writeMessage(11, writeValueInfo, input);
  for (const output of outputs) writer.writeMessage(12, writeValueInfo, output);
}

function writeNode({ op, name, inputs, outputs, attributes }: Node, writer: PbfWriter): void {
  for (const input of inputs) writer.writeStringField(1, input);
  for (const output of outputs) writer.writeStringField(2, output);
  writer.writeStringField(3, name);
  writer.writeStringField(4, op);
  for (const attribute of Object.entries(attributes)) writer.writeMessage(5, writeAttribute, attribute);
}

function writeAttribute([name, value]: readonly [string, Attribute], writer: PbfWriter): void {
  writer.writeStringField(1, name);
  if (value instanceof Real || (typeof value === 'number' && !Number.isInteger(value))) {
    writer.writeFloatField(2, value instanceof Real ? value.value : value);
    writer.writeVarintField(20, FLOAT);
  } else if (typeof value === 'number') {
    writer.writeVarintField(3, value);
    writer.writeVarintField(20, INT);
  } else if (typeof value === 'string') {
    writer.writeBytesField(4, Buffer.from(value));
    writer.writeVarintField(20, STRING);
  } else {
    for (const one of value) writer.writeVarintField(8, one);
    writer.writeVarintField(20, INTS);
  }
}

function writeTensor({ name, type, shape, data }: Initializer, writer: PbfWriter): void {
  for (const size of shape) writer.writeVarintField(1, size);
  writer.writeVarintField(2, elementTypes[type]);
  writer.writeStringField(8, name);
  writer.writeBytesField(9, data);
}

function writeValueInfo({ name, type, shape }: ValueInfo, writer: PbfWriter): void {
  writer.writeStringField(1, name);
  writer.writeMessage(2, writeType, { type, shape });
}

function writeType(value: Pick<ValueInfo, 'type' | 'shape'>, writer: PbfWriter): void {
  writer.writeMessage(1, writeTensorType, value);
}

function writeTensorType({ type, shape }: Pick<ValueInfo, 'type' | 'shape'>, writer: PbfWriter): void {
  writer.writeVarintField(1, elementTypes[type]);
  writer.writeMessage(2, writeShape, shape);
}

function writeShape(shape: ValueInfo['shape'], writer: PbfWriter): void {
  for (const dimension of shape) writer.writeMessage(1, writeDimension, dimension);
}

function writeDimension(dimension: number | string, writer: PbfWriter): void {
  if (typeof dimension === 'number') writer.writeVarintField(1, dimension);
  else writer.writeStringField(2, dimension);
}
