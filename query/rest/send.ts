// An answer onto the wire: the format asked for, whether it is cut in three places (body, headers, next
// link), and how long it took.

import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Format, ShownAnswer } from './formats/format.ts';
import type { Face } from './face.ts';

export interface TimedAnswer {
  readonly answer: ShownAnswer;
  readonly queryMs: number;
  /** True when the columns may be overwritten by the next request: they must be encoded now. */
  readonly isReused: boolean;
}

export function sendAnswer(face: Face, request: FastifyRequest, reply: FastifyReply, format: Format, timed: TimedAnswer): FastifyReply {
  const { answer, queryMs, isReused } = timed;
  face.deps.metrics?.observeRows(request.routeOptions.url ?? '', answer.columns.length);
  reply.header('content-type', format.contentType);
  reply.header('vary', 'Accept');
  reply.header('server-timing', serverTiming(queryMs));
  if (answer.truncated) {
    reply.header('nightjar-truncated', 'true');
    if (answer.nextCursor !== null) {
      reply.header('nightjar-next-cursor', answer.nextCursor);
      if (request.method !== 'POST') reply.header('link', `<${nextUrl(request.raw.url ?? '', answer.nextCursor)}>; rel="next"`);
    }
  }
  const parts = format.encode(answer)[Symbol.iterator]();
  const first = parts.next();
  const second = parts.next();
  if (first.done) return reply.send('');
  if (second.done) return reply.send(first.value);
  const all = followedBy(first.value, second.value, parts);
  return reply.send(isReused ? Buffer.concat([...all]) : Readable.from(all, { objectMode: false }));
}

export function serverTiming(queryMs: number): string {
  return `query;dur=${queryMs.toFixed(3)}`;
}

/** The same request with the cursor of the next page. */
export function nextUrl(url: string, cursor: string): string {
  const safe = url.replaceAll(/[^\x21-\x7e]|[<>"]/g, encodeURIComponent);
  // a query may hold question marks itself
  const [path, ...query] = safe.split('?');
  const kept = query
    .join('?')
    .split('&')
    .filter((part) => part !== '' && !part.startsWith('cursor='));
  return `${path}?${[...kept, `cursor=${cursor}`].join('&')}`;
}

function* followedBy(first: Buffer, second: Buffer, rest: Iterator<Buffer>): Generator<Buffer> {
  yield first;
  yield second;
  for (let next = rest.next(); !next.done; next = rest.next()) yield next.value;
}
