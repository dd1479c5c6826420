// A night in numbers.

import type { FastifyInstance } from 'fastify';
import { checkRequest } from '../../src/contract/validate.ts';
import { integerOfText } from '../../src/contract/numberText.ts';
import { nightSummary } from '../nightSummary.ts';
import { runQuery, type Face } from './face.ts';
import { FILTER_PARAMETERS, readParameters } from './parameters.ts';
import { queryString } from './queryString.ts';
import { serverTiming } from './send.ts';

/** A night is the whole MJD of its evening. */
export function nightOfText(text: string): number {
  return integerOfText('night', text);
}

export function nightRoutes(app: FastifyInstance, face: Face): void {
  app.get('/v1/nights/:night', async (request, reply) => {
    const start = performance.now();
    const filter = readParameters(queryString(request), FILTER_PARAMETERS).filter() ?? null;
    if (filter !== null) checkRequest('Filter', filter);
    const night = nightOfText((request.params as { night: string }).night);
    const summary = await runQuery(face, reply, (signal) => nightSummary(face.deps.store, { night, filter }, { signal }));
    reply.header('server-timing', serverTiming(performance.now() - start));
    return {
      night: summary.night,
      detections: summary.detections,
      mjd_tai_first: summary.mjdTaiFirst,
      mjd_tai_last: summary.mjdTaiLast,
      surveys: summary.surveys,
      bands: summary.bands,
      stations: summary.stations,
    };
  });
}
