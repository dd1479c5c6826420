// Text is UTF-8. What says of itself that it is not is refused before its first line.

import { AppError } from '../../src/errors.ts';

/** The bytes without a UTF-8 byte order mark, in pieces of at most 64 KiB, so that no reader does much at once. */
export async function* withoutByteOrderMark(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head = Buffer.alloc(0);
  let isStart = true;
  for await (const chunk of chunks) {
    if (!isStart) {
      yield* pieces(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < 4) continue;
    isStart = false;
    refuseOtherEncodings(head);
    yield* pieces(head.subarray(byteOrderMarkLength(head)));
  }
  if (isStart) yield head.subarray(byteOrderMarkLength(head));
}

const PIECE_BYTES = 65_536;

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) yield bytes.subarray(from, from + PIECE_BYTES);
}

/** UTF-8 with or without a byte order mark passes; the others are refused by name. */
function refuseOtherEncodings(head: Uint8Array): void {
  const [a, b, c, d] = head;
  let found: string | null = null;
  if (a === 0xff && b === 0xfe) found = c === 0 && d === 0 ? 'UTF-32' : 'UTF-16';
  else if (a === 0xfe && b === 0xff) found = 'UTF-16';
  else if (a === 0 && b === 0 && c === 0xfe && d === 0xff) found = 'UTF-32';
  else if (a === 0x2b && b === 0x2f && c === 0x76) found = 'UTF-7';
  if (found !== null) throw new AppError('invalid_argument', `text is ${found}, must be UTF-8`);
}

/** Bytes of a byte order mark at the start: 0 or 3. */
function byteOrderMarkLength(head: Uint8Array): number {
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
}
