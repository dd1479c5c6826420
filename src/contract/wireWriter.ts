// Protobuf bytes written straight into one buffer, for answers made from columns: no message objects and no
// list of pending writes in between (protobufjs' Writer has both). The buffer grows and is reused; `take`
// copies out what was written.

const FIRST_BYTES = 65_536;
/** Below this a loop over char codes beats the call into native utf8Write. */
const SHORT_TEXT = 48;

export class WireWriter {
  #bytes: Buffer;
  #view: DataView;
  #at = 0;

  constructor(firstBytes = FIRST_BYTES) {
    this.#bytes = Buffer.allocUnsafeSlow(firstBytes);
    this.#view = viewOf(this.#bytes);
  }

  /** Starts over. */
  clear(): void {
    this.#at = 0;
  }

  /** A copy of everything written since `clear`. */
  take(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#at));
  }

  uint32(tag: number, value: number): void {
    this.#ensure(12);
    this.#varint(tag);
    this.#varint(value);
  }

  uint64(tag: number, value: bigint): void {
    this.#ensure(16);
    this.#varint(tag);
    let rest = value;
    while (rest > 0x7fn) {
      this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#at++] = Number(rest);
  }

  /** Negative numbers take ten bytes, as protobuf has it. */
  int32(tag: number, value: number): void {
    if (value >= 0) {
      this.uint32(tag, value);
      return;
    }
    this.#ensure(18);
    this.#varint(tag);
    // the low 32 bits, then sign bits to 64
    const bytes = this.#bytes;
    for (let shift = 0; shift < 28; shift += 7) bytes[this.#at++] = ((value >>> shift) & 0x7f) | 0x80;
    bytes[this.#at++] = (value >>> 28) | 0xf0;
    for (let i = 0; i < 4; i++) bytes[this.#at++] = 0xff;
    bytes[this.#at++] = 0x01;
  }

  float(tag: number, value: number): void {
    this.#ensure(12);
    this.#varint(tag);
    this.#view.setFloat32(this.#at, value, true);
    this.#at += 4;
  }

  double(tag: number, value: number): void {
    this.#ensure(16);
    this.#varint(tag);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  fixed64(tag: number, low: number, high: number): void {
    this.#ensure(16);
    this.#varint(tag);
    this.#view.setInt32(this.#at, low, true);
    this.#view.setInt32(this.#at + 4, high, true);
    this.#at += 8;
  }

  text(tag: number, value: string): void {
    const n = value.length;
    this.#ensure(12 + 3 * n);
    this.#varint(tag);
    if (n < SHORT_TEXT && this.#ascii(value, n)) return;
    const length = Buffer.byteLength(value);
    this.#varint(length);
    this.#at += this.#bytes.write(value, this.#at, 'utf8');
  }

  bytes(tag: number, value: Uint8Array): void {
    this.#ensure(12 + value.length);
    this.#varint(tag);
    this.#varint(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** Opens a message inside the message; `end` closes it. */
  begin(tag: number): number {
    this.#ensure(8);
    this.#varint(tag);
    // most lengths here take two bytes; `end` moves the content when they don't
    this.#at += 2;
    return this.#at;
  }

  end(start: number): void {
    const length = this.#at - start;
    const lengthBytes = length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : length < 0x1000_0000 ? 4 : 5;
    if (lengthBytes !== 2) {
      this.#ensure(4);
      this.#bytes.copyWithin(start + lengthBytes - 2, start, this.#at);
    }
    this.#at = start - 2;
    this.#varint(length);
    this.#at += length;
  }

  /** Length and text in one pass; false, with nothing written, where a character is not ASCII. */
  #ascii(value: string, n: number): boolean {
    const bytes = this.#bytes;
    const at = this.#at + 1;
    for (let i = 0; i < n; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[at + i] = code;
    }
    bytes[at - 1] = n;
    this.#at = at + n;
    return true;
  }

  #varint(value: number): void {
    let rest = value >>> 0;
    const bytes = this.#bytes;
    while (rest > 0x7f) {
      bytes[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[this.#at++] = rest;
  }

  #ensure(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#at + more));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

export const WIRE_VARINT = 0;
export const WIRE_64 = 1;
export const WIRE_BYTES = 2;
export const WIRE_32 = 5;

export const tagOf = (fieldNumber: number, wireType: number): number => (fieldNumber << 3) | wireType;
