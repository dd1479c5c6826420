// Bytes to lines, for the formats whose records are lines.

import { withoutByteOrderMark } from './encoding.ts';
import { MAX_RECORD_BYTES } from './limits.ts';

export interface Line {
  readonly line: number;
  /** Only until the next line is asked for. */
  readonly bytes: Buffer;
  readonly isTooLong: boolean;
}

/** Lines end at LF; a CR before it is left to the caller. A line that is too long is passed over, never held. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let line = 1;
  let carry = Buffer.alloc(0);
  let isTooLong = false;
  for await (const chunk of withoutByteOrderMark(chunks)) {
    const bytes = Buffer.concat([carry, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      yield { line: line++, bytes: bytes.subarray(from, end), isTooLong: isTooLong || end - from > MAX_RECORD_BYTES };
      isTooLong = false;
      from = end + 1;
    }
    carry = bytes.subarray(from);
    if (carry.length > MAX_RECORD_BYTES) {
      isTooLong = true;
      carry = Buffer.alloc(0);
    }
  }
  if (carry.length > 0 || isTooLong) yield { line, bytes: carry, isTooLong };
}
