// gzip, watched: the inflated bytes in chunks, with a bound on how far a small file may inflate, and no
// half members. A file is checked to its end before its first row is read, so a broken one loads nothing.

import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { AppError } from '../../src/errors.ts';
import { MAX_FREE_INFLATED_BYTES, MAX_INFLATE_RATIO } from './limits.ts';

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** Throws when the stream is cut, corrupt, followed by other bytes, or inflates beyond the limit. */
export async function* inflated(path: string, onBytes?: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const source = createReadStream(path);
  // Joined members (bgzip, cat a.gz b.gz) are one file; anything else after a member is refused.
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  let inflatedBytes = 0;
  let toldBytes = 0;
  try {
    for await (const chunk of source.pipe(gunzip) as AsyncIterable<Buffer>) {
      inflatedBytes += chunk.length;
      if (inflatedBytes > MAX_FREE_INFLATED_BYTES && inflatedBytes > MAX_INFLATE_RATIO * source.bytesRead) {
        const limit = `${String(MAX_INFLATE_RATIO)} times its size`;
        throw new AppError('resource_exhausted', `gzip inflates to more than ${limit} (${String(inflatedBytes)} bytes so far)`);
      }
      onBytes?.(source.bytesRead - toldBytes);
      toldBytes = source.bytesRead;
      yield chunk;
    }
    if (gunzip.bytesWritten !== source.bytesRead) throw new AppError('invalid_argument', trailing(source.bytesRead - gunzip.bytesWritten));
  } catch (error) {
    throw gzipProblem(error);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

/** Reads to the end and keeps nothing. */
export async function checkGzip(path: string): Promise<void> {
  for await (const _ of inflated(path));
}

function trailing(bytes: number): string {
  return `gzip has ${String(bytes)} bytes after its end`;
}

/** Errors of the system, such as a file that is not there, pass as they are. */
function gzipProblem(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR')
    return new AppError('invalid_argument', 'gzip ends early', {
      cause: error,
    });
  if (code.startsWith('Z_')) {
    return new AppError('invalid_argument', `gzip is damaged or followed by other bytes: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    });
  }
  return error;
}
