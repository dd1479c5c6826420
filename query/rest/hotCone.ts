// The fast lane of GET /v1/cone: a JSON answer that the store can give at once leaves without passing the
// router, the hooks and the reply of fastify. Everything else (another format, an error, a cut or a slow
// answer) is left to the route, which then says the same bytes or what is wrong.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DetectionsAnswer } from '../answer.ts';
import { coneSearchNow } from '../coneSearch.ts';
import { coneRequest } from './coneRequest.ts';
import type { Face } from './face.ts';
import { ByteWriter } from './formats/byteWriter.ts';
import { chosenFormat } from './formats/formats.ts';
import { JSON_ROWS } from './formats/json.ts';
import { CONE_PARAMETERS, readParameters } from './parameters.ts';
import { serverTiming } from './send.ts';

const START = '/v1/cone?';
const FIRST_BYTES = 64 * 1024;
/** A writer that an answer made larger than this is let go. */
const MOST_KEPT_BYTES = 1024 * 1024;

/** Answers the request and returns true, or leaves it alone. */
export function hotCone(face: Face): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { metrics } = face.deps;
  let out = new ByteWriter(FIRST_BYTES);

  return (request, response) => {
    const { url = '' } = request;
    if (request.method !== 'GET' || !url.startsWith(START)) return false;
    const start = performance.now();
    const answer = answerNow(face, url, request.headers.accept);
    if (answer === null) return false;
    const queryMs = performance.now() - start;

    out.length = 0;
    JSON_ROWS.write({ ...answer, hasSeparation: true, matched: null, title: '' }, out);
    response.writeHead(200, [
      'content-type', 'application/json; charset=utf-8',
      'vary', 'Accept',
      'server-timing', serverTiming(queryMs),
      'content-length', String(out.length),
    ]); // prettier-ignore
    const { socket } = response;
    response.end(out.bytes.subarray(0, out.length));
    // what the system has not taken at once is still read from these bytes
    if (socket?.writableLength !== 0 || out.bytes.length > MOST_KEPT_BYTES) out = new ByteWriter(FIRST_BYTES);
    if (metrics !== undefined) {
      metrics.observeRequest('/v1/cone', 200, (performance.now() - start) / 1000);
      metrics.observeRows('/v1/cone', answer.columns.length);
    }
    return true;
  };
}

function answerNow(face: Face, url: string, accept: string | undefined): DetectionsAnswer | null {
  try {
    const given = readParameters(url.slice(START.length), CONE_PARAMETERS);
    if (chosenFormat(given.format, accept).name !== 'json') return null;
    const answer = coneSearchNow(face.deps.store, coneRequest(given), face.reused);
    // a cut answer has headers of its own
    return answer === null || answer.truncated ? null : answer;
  } catch {
    // the route finds the same fault again and says it properly
    return null;
  }
}
