// The Query service over the use functions. A short answer is made at once, in this turn of the event loop,
// and goes from columns to bytes without an object for each row; a long one waits for the store and takes
// turns with the others.

import { encodeMatches, encodeReply } from '../../src/contract/detectionMessage.ts';
import {
  ConeRequest,
  CrossMatchRequest,
  LightCurveRequest,
  NearestRequest,
  StatusReply,
  type MessageCodec,
} from '../../src/contract/gen/codec.js';
import type { CheckedName } from '../../src/contract/gen/schemas.ts';
import type { Call } from '../../src/contract/grpcCalls.ts';
import type { QueryMethods } from '../../src/contract/grpcServer.ts';
import { checkRequest } from '../../src/contract/validate.ts';
import { malformed } from '../../src/contract/wireReader.ts';
import { DetectionColumns } from '../../src/model/columns.ts';
import type { DetectionStore } from '../../src/store/store.ts';
import type { DetectionsAnswer } from '../answer.ts';
import { coneSearch, coneSearchNow } from '../coneSearch.ts';
import { crossMatch } from '../crossMatch.ts';
import { lightCurve, lightCurveNow } from '../lightCurve.ts';
import { nearest, nearestNow } from '../nearest.ts';
import { status } from '../status.ts';
import { streamCone } from '../streamCone.ts';

/** Rows of one message of a streamed answer: about 1 MB, and below the 4 MiB that clients take even with the longest ids. */
const PART_ROWS = 5000;

export function queryService(store: DetectionStore, version: string): QueryMethods {
  // Each holds an answer only until it is encoded, in the same turn.
  const out = new DetectionColumns(1024);
  return {
    Cone(bytes, call) {
      const request = decoded('ConeRequest', ConeRequest, bytes);
      return replied(request.page?.asTable, coneSearchNow(store, request, out) ?? coneSearch(store, request, { signal: call.signal }));
    },
    LightCurve(bytes, call) {
      const request = decoded('LightCurveRequest', LightCurveRequest, bytes);
      return replied(request.page?.asTable, lightCurveNow(store, request, out) ?? lightCurve(store, request, { signal: call.signal }));
    },
    Nearest(bytes, call) {
      const request = decoded('NearestRequest', NearestRequest, bytes);
      return replied(request.asTable, nearestNow(store, request, out) ?? nearest(store, request, { signal: call.signal }));
    },
    async CrossMatch(bytes, call) {
      const request = decoded('CrossMatchRequest', CrossMatchRequest, bytes);
      const { positions = [] } = request;
      return encodeMatches(await crossMatch(store, request, { signal: call.signal }), (position) => positions[position].id ?? '');
    },
    async Status() {
      return encodeStatus(store, version);
    },
    StreamCone: (bytes, call) => streamParts(store, decoded('ConeRequest', ConeRequest, bytes), call),
  };
}

/** A message that keeps the proto's rules. */
function decoded<T extends object>(name: CheckedName, codec: MessageCodec<T>, bytes: Uint8Array): T {
  let request: T;
  try {
    request = codec.decode(bytes);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error));
  }
  checkRequest(name, request);
  return request;
}

function replied(asTable: boolean | undefined, answer: DetectionsAnswer | Promise<DetectionsAnswer>): Uint8Array | Promise<Uint8Array> {
  const encode = ({ columns, truncated, nextCursor }: DetectionsAnswer): Uint8Array =>
    encodeReply(columns, { truncated, nextCursor, asTable: asTable === true });
  return answer instanceof Promise ? answer.then(encode) : encode(answer);
}

async function* streamParts(store: DetectionStore, request: ConeRequest, call: Call): AsyncGenerator<Uint8Array> {
  const asTable = request.page?.asTable === true;
  for await (const { columns, truncated, nextCursor } of streamCone(store, request, { signal: call.signal })) {
    let from = 0;
    do {
      const to = Math.min(from + PART_ROWS, columns.length);
      const isLast = to === columns.length;
      const end = isLast ? { truncated, nextCursor } : { truncated: false, nextCursor: null };
      if (to > from || end.truncated) yield encodeReply(columns, { ...end, asTable }, from, to);
      from = to;
    } while (from < columns.length);
  }
}

async function encodeStatus(store: DetectionStore, version: string): Promise<Uint8Array> {
  const found = await status(store, version);
  return StatusReply.encode({
    version: found.version,
    engine: found.engine,
    detections: BigInt(found.detections),
    objects: BigInt(found.objects),
    mjdTaiFirst: found.mjdTaiFirst,
    mjdTaiLast: found.mjdTaiLast,
    surveys: found.surveys,
    bytesUsed: BigInt(found.bytesUsed),
    bytesLimit: found.bytesLimit === null ? null : BigInt(found.bytesLimit),
    durability: found.durability,
    recovery: found.recovery ?? '',
    uptimeS: found.uptimeS,
  }).finish();
}
