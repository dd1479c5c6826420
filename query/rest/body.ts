// Request bodies: read with their limit, whole or as a stream.

import type { FastifyRequest } from 'fastify';
import { HttpError } from './problem.ts';

/** `text/csv` of `Text/CSV; charset=utf-8`; '' without a content type. */
export function mediaType(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0].trim().toLowerCase();
}

/** The body as it comes. Throws (413) as soon as it is larger than the limit. */
export async function* bodyParts(request: FastifyRequest, limitBytes: number): AsyncGenerator<Uint8Array> {
  refuseEncoding(request);
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes);
  let bytes = 0;
  for await (const part of request.raw as AsyncIterable<Uint8Array>) {
    bytes += part.length;
    if (bytes > limitBytes) throw tooLarge(limitBytes);
    yield part;
  }
}

export async function wholeBody(request: FastifyRequest, limitBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of bodyParts(request, limitBytes)) parts.push(part);
  return Buffer.concat(parts);
}

function refuseEncoding(request: FastifyRequest): void {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return;
  const details = { field: 'content-encoding', value: encoding, limit: 'identity' };
  throw new HttpError(415, 'invalid_argument', `content-encoding ${encoding} is not taken, send the body as it is`, details);
}

function tooLarge(limitBytes: number): HttpError {
  const limit = `${String(limitBytes)} bytes`;
  return new HttpError(413, 'resource_exhausted', `the body is larger than ${limit}`, { field: 'body', limit });
}
