// A place in protobuf bytes that moves forward, for batches that go straight into columns. Reads that would
// leave the bytes, and wire types that protobuf does not know, throw invalid_argument.

import { AppError } from '../errors.ts';
import { WIRE_32, WIRE_64, WIRE_BYTES, WIRE_VARINT } from './wireWriter.ts';

const REPLACEMENT = '\uFFFD';

export class WireReader {
  readonly bytes: Buffer;
  readonly view: DataView;
  at = 0;
  end: number;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.end = bytes.length;
  }

  /** The low 32 bits of a varint, unsigned; what enums, int32, uint32, lengths and tags need. */
  varint(): number {
    const { bytes, end } = this;
    let at = this.at;
    let value = 0;
    for (let shift = 0; at < end; shift += 7) {
      const byte = bytes[at++];
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.at = at;
        return value >>> 0;
      }
      if (shift >= 63) throw malformed('a varint has more than ten bytes');
    }
    throw malformed('it ends inside a varint');
  }

  /** A uint64 varint in full. */
  varint64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.at >= this.end) throw malformed('it ends inside a varint');
      const byte = this.bytes[this.at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw malformed('a varint has more than ten bytes');
  }

  /** Length of what follows, which is all there. */
  length(): number {
    const length = this.varint();
    if (length > this.end - this.at) throw malformed('a length reaches beyond its end');
    return length;
  }

  /** Moves over `count` bytes and gives where they began. */
  take(count: number): number {
    const from = this.at;
    if (count > this.end - from) throw malformed('it ends inside a value');
    this.at = from + count;
    return from;
  }

  text(from: number, to: number): string {
    const text = this.bytes.toString('utf8', from, to);
    // broken UTF-8 decodes to replacement characters; ids come back byte for byte or not at all
    if (text.includes(REPLACEMENT) && !Buffer.from(text).equals(this.bytes.subarray(from, to))) throw malformed('a text is not UTF-8');
    return text;
  }

  skip(wireType: number): void {
    if (wireType === WIRE_VARINT) this.varint();
    else if (wireType === WIRE_64) this.take(8);
    else if (wireType === WIRE_BYTES) this.take(this.length());
    else if (wireType === WIRE_32) this.take(4);
    else throw malformed(`it has the wire type ${String(wireType)}`);
  }
}

export function malformed(why: string): AppError {
  return new AppError('invalid_argument', `the message is not well formed: ${why}`);
}
