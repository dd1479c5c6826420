// The questions too long for a URL: many positions, a polygon, a MOC. What else is asked (filters, limit,
// format) may stand in the URL or beside them in the JSON body, under the same names.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { checkRequest } from '../../src/contract/validate.ts';
import type { CrossMatchRequest } from '../../src/contract/gen/codec.js';
import { DetectionColumns } from '../../src/model/columns.ts';
import { crossMatch, type CrossMatchAnswer } from '../crossMatch.ts';
import { regionSearch } from '../regionSearch.ts';
import { wholeBody, mediaType } from './body.ts';
import { runQuery, type Face } from './face.ts';
import { chosenFormat } from './formats/formats.ts';
import type { MatchedPositions } from './formats/format.ts';
import { BULK_PARAMETERS, readParameters, ROWS_PARAMETERS, type Given } from './parameters.ts';
import { positionsOf } from './positions.ts';
import { queryString } from './queryString.ts';
import { regionOf } from './region.ts';
import { sendAnswer } from './send.ts';

export function bodyRoutes(app: FastifyInstance, face: Face): void {
  app.post('/v1/cone/bulk', (request, reply) => bulk(face, request, reply));
  app.post('/v1/region', (request, reply) => region(face, request, reply));
}

async function bulk(face: Face, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const given = readParameters(queryString(request), BULK_PARAMETERS);
  const positions = await positionsOf(mediaType(request), request, await wholeBody(request, face.limits.maxBodyBytes), given);
  const asked: CrossMatchRequest = {
    positions,
    radiusArcsec: given.radiusArcsec,
    find: given.find ?? 0,
    filter: given.filter(),
    limit: given.limit,
  };
  checkRequest('CrossMatchRequest', asked);
  const start = performance.now();
  const format = chosenFormat(given.format, request.headers.accept);
  const found = await runQuery(face, reply, (signal) => crossMatch(face.deps.store, asked, { signal }));
  const queryMs = performance.now() - start;
  const { columns, matched } = linesOf(found, positions.map(({ id }) => id || null)); // prettier-ignore
  const answer = { columns, matched, truncated: found.truncated, nextCursor: null, hasSeparation: true, title: 'Cross-match' };
  return sendAnswer(face, request, reply, format, { answer, queryMs, isReused: false });
}

async function region(face: Face, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const given: Given = readParameters(queryString(request), ROWS_PARAMETERS);
  const where = regionOf(mediaType(request), await wholeBody(request, face.limits.maxBodyBytes), given);
  const asked = { region: where, filter: given.filter() ?? null, page: given.page() ?? null };
  if (asked.filter) checkRequest('Filter', asked.filter);
  if (asked.page) checkRequest('Page', asked.page);
  const start = performance.now();
  const format = chosenFormat(given.format, request.headers.accept);
  const answer = await runQuery(face, reply, (signal) => regionSearch(face.deps.store, asked, { signal }));
  const queryMs = performance.now() - start;
  const shown = { ...answer, hasSeparation: false, matched: null, title: `Detections in a ${where.kind}` };
  return sendAnswer(face, request, reply, format, { answer: shown, queryMs, isReused: false });
}

/** The lines of a cross-match as rows: one after another, with a row of kind 0 where a position has none. */
function linesOf(found: CrossMatchAnswer, ids: readonly (string | null)[]): { columns: DetectionColumns; matched: MatchedPositions } {
  const { columns: rows, positionOf, rowOf } = found;
  const matched = { positionOf, idOf: positionOf.map((position) => ids[position]) };
  if (rowOf.every((row, line) => row === line)) {
    rows.length = rowOf.length;
    return { columns: rows, matched };
  }
  const columns = new DetectionColumns(rowOf.length, rows);
  for (const row of rowOf) {
    if (row >= 0) columns.copyRow(rows, row);
    else columns.kind[columns.addRow()] = 0;
  }
  return { columns, matched };
}
