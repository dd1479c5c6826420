// Reads a file of frames from its beginning, a few megabytes at a time, and says where the good part ends.

import { open, type FileHandle } from 'node:fs/promises';
import { FILE_HEADER, FRAME_HEADER_BYTES, frameAt, hasFrameAfter, type Frame } from './frames.ts';

const READ_BYTES = 4 * 2 ** 20;

export interface FileEnd {
  /** End of the last whole frame; 0 when not even the header is there. */
  readonly goodBytes: number;
  readonly fileBytes: number;
  /** 'torn': cut in its last frame. 'corrupt': good frames follow on bytes that are none. */
  readonly state: 'whole' | 'torn' | 'corrupt';
}

/** Calls `take` for each whole frame in turn. The payload is good until `take` returns. */
export async function readFrames(path: string, take: (frame: Frame) => void | Promise<void>): Promise<FileEnd> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size < FILE_HEADER.length) return { goodBytes: 0, fileBytes: size, state: size === 0 ? 'whole' : 'torn' };
    const head = Buffer.alloc(FILE_HEADER.length);
    await readFully(file, head, 0);
    if (!head.equals(FILE_HEADER)) return { goodBytes: 0, fileBytes: size, state: 'corrupt' };
    let at = FILE_HEADER.length;
    let wanted = READ_BYTES;
    while (at < size) {
      const bytes = Buffer.allocUnsafe(Math.min(wanted, size - at));
      await readFully(file, bytes, at);
      const used = await takeFrames(bytes, take);
      at += used.bytes;
      if (used.bytes > 0) wanted = READ_BYTES;
      else if (used.isBad || bytes.length === size - at) {
        const rest = Buffer.allocUnsafe(size - at);
        await readFully(file, rest, at);
        return { goodBytes: at, fileBytes: size, state: hasFrameAfter(rest, 1) ? 'corrupt' : 'torn' };
      } else wanted = Math.max(2 * wanted, FRAME_HEADER_BYTES + bytes.readUInt32LE(4));
    }
    return { goodBytes: at, fileBytes: size, state: 'whole' };
  } finally {
    await file.close();
  }
}

async function takeFrames(bytes: Buffer, take: (frame: Frame) => void | Promise<void>): Promise<{ bytes: number; isBad: boolean }> {
  let at = 0;
  for (;;) {
    const frame = frameAt(bytes, at);
    if (frame === null || frame === 'short') return { bytes: at, isBad: frame === null };
    await take(frame);
    at += FRAME_HEADER_BYTES + frame.payload.length;
  }
}

async function readFully(file: FileHandle, into: Buffer, position: number): Promise<void> {
  for (let read = 0; read < into.length;) {
    const { bytesRead } = await file.read(into, read, into.length - read, position + read);
    if (bytesRead === 0) throw new Error('the file became shorter while it was read');
    read += bytesRead;
  }
}
