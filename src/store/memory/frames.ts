// Frames of log and snapshot files: a file is a header and frames, one after another.
//
//   header  'NJAR' 'LOG1' | 0          frame   'NJFR' | payload bytes | CRC-32 of kind and payload | kind | payload
//
// A file can end in the middle of a frame, where a crash cut it. Bytes that are no frame but have a good frame after
// them were damaged later: those two must not be taken for one another.

import { crc32 } from 'node:zlib';
import { ByteWriter } from './bytes.ts';

export const FILE_HEADER = Buffer.from('NJARLOG1\0\0\0\0\0\0\0\0', 'latin1');
export const FRAME_HEADER_BYTES = 16;
const FRAME_MAGIC = 0x5246_4a4e;
/** Larger frames are never written. */
export const MAX_PAYLOAD_BYTES = 256 * 2 ** 20;

export const FRAME_KINDS = { rows: 1, eviction: 2, objects: 3, ownedRows: 4, end: 5 } as const;

/** A frame of what `write` puts after the head. */
export function frameOf(kind: number, capacity: number, write: (out: ByteWriter) => void): Buffer {
  const out = new ByteWriter(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + capacity);
  write(out);
  const frame = out.buffer.subarray(0, out.length);
  frame.writeUInt32LE(FRAME_MAGIC, 0);
  frame.writeUInt32LE(frame.length - FRAME_HEADER_BYTES, 4);
  frame.writeUInt32LE(kind, 12);
  frame.writeUInt32LE(crc32(frame.subarray(12)), 8);
  return frame;
}

export interface Frame {
  readonly kind: number;
  readonly payload: Buffer;
}

/** The frame at `at`, 'short' when the bytes end before it does, null when there is none. */
export function frameAt(bytes: Buffer, at: number): Frame | 'short' | null {
  if (bytes.length - at < FRAME_HEADER_BYTES) return 'short';
  if (bytes.readUInt32LE(at) !== FRAME_MAGIC) return null;
  const length = bytes.readUInt32LE(at + 4);
  if (length > MAX_PAYLOAD_BYTES) return null;
  const end = at + FRAME_HEADER_BYTES + length;
  if (end > bytes.length) return 'short';
  if (crc32(bytes.subarray(at + 12, end)) !== bytes.readUInt32LE(at + 8)) return null;
  return { kind: bytes.readUInt32LE(at + 12), payload: bytes.subarray(at + FRAME_HEADER_BYTES, end) };
}

/** Whether a whole good frame starts anywhere from `at` on. */
export function hasFrameAfter(bytes: Buffer, at: number): boolean {
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(FRAME_MAGIC);
  for (let found = bytes.indexOf(magic, at); found >= 0; found = bytes.indexOf(magic, found + 1)) {
    const frame = frameAt(bytes, found);
    if (frame !== null && frame !== 'short') return true;
  }
  return false;
}
