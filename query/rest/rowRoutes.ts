// The routes that answer with rows: cone, nearest, light curves, one detection, the rows of a night.
// Each reads its parameters, calls one use function and sends what comes.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CheckedName } from '../../src/contract/gen/schemas.ts';
import type { LightCurveRequest, NearestRequest } from '../../src/contract/gen/codec.js';
import { checkRequest } from '../../src/contract/validate.ts';
import type { DetectionsAnswer } from '../answer.ts';
import { coneSearch, coneSearchNow } from '../coneSearch.ts';
import { detectionById } from '../detectionById.ts';
import { lightCurve, lightCurveNow } from '../lightCurve.ts';
import { missing } from '../missing.ts';
import { nearest, nearestNow } from '../nearest.ts';
import { nightDetections } from '../nightSummary.ts';
import { objectById } from '../objectById.ts';
import { coneRequest } from './coneRequest.ts';
import { runQuery, type Face } from './face.ts';
import { chosenFormat } from './formats/formats.ts';
import type { Format } from './formats/format.ts';
import {
  CONE_PARAMETERS,
  NEAREST_PARAMETERS,
  ONE_ROW_PARAMETERS,
  PLACE_LIGHT_CURVE_PARAMETERS,
  readParameters,
  ROWS_PARAMETERS,
  type Given,
  type Parameter,
} from './parameters.ts';
import { nightOfText } from './nightRoutes.ts';
import { queryString } from './queryString.ts';
import { sendAnswer } from './send.ts';

/** What a route does: its rows at once where the store can, else later. */
interface RowQuery {
  readonly hasSeparation: boolean;
  readonly title: string;
  readonly now: () => DetectionsAnswer | null;
  readonly later: (signal: AbortSignal) => Promise<DetectionsAnswer>;
}

export function rowRoutes(app: FastifyInstance, face: Face): void {
  const { store } = face.deps;

  app.get(
    '/v1/cone',
    rows(face, CONE_PARAMETERS, (given) => {
      const asked = coneRequest(given);
      return {
        hasSeparation: true,
        title: 'Cone search',
        now: () => coneSearchNow(store, asked, face.reused),
        later: (signal) => coneSearch(store, asked, { signal }),
      };
    }),
  );

  app.get(
    '/v1/nearest',
    rows(face, NEAREST_PARAMETERS, (given) => {
      const asked: NearestRequest = { ...placeOf(given), k: given.k, maxRadiusArcsec: given.maxRadiusArcsec, filter: given.filter() };
      checkRequest('NearestRequest', asked);
      return {
        hasSeparation: true,
        title: 'Nearest detections',
        now: () => nearestNow(store, asked, face.reused),
        later: (signal) => nearest(store, asked, { signal }),
      };
    }),
  );

  app.get(
    '/v1/light-curve',
    rows(face, PLACE_LIGHT_CURVE_PARAMETERS, (given) => {
      if (given.radiusArcsec === undefined) throw missing('radius_arcsec');
      const asked = { ...placeOf(given), radiusArcsec: given.radiusArcsec, filter: given.filter(), page: given.page() };
      return { ...lightCurveQuery(face, checked('LightCurveRequest', asked)), hasSeparation: true };
    }),
  );

  app.get(
    '/v1/objects/:id/light-curve',
    rows(face, ROWS_PARAMETERS, (given, { id }) => {
      const asked = checked('LightCurveRequest', { objectId: id, filter: given.filter(), page: given.page() });
      const query = lightCurveQuery(face, asked);
      return {
        ...query,
        now: () => onlyWithRows(query.now()),
        later: async (signal) => {
          const answer = await query.later(signal);
          // no rows may mean that the filter leaves none, or that there is no such object
          if (answer.columns.length === 0) await objectById(store, id);
          return answer;
        },
      };
    }),
  );

  app.get(
    '/v1/detections/:survey/:sourceId',
    rows(face, ONE_ROW_PARAMETERS, (_given, { survey, sourceId }) => ({
      hasSeparation: false,
      title: 'Detection',
      now: () => null,
      later: async () => ({ columns: await detectionById(store, survey, sourceId), truncated: false, nextCursor: null }),
    })),
  );

  app.get(
    '/v1/nights/:night/detections',
    rows(face, ROWS_PARAMETERS, (given, { night }) => {
      const asked = { night: nightOfText(night), filter: given.filter() ?? null, page: given.page() ?? null };
      if (asked.filter) checkRequest('Filter', asked.filter);
      if (asked.page) checkRequest('Page', asked.page);
      return {
        hasSeparation: false,
        title: `Detections of night ${night}`,
        now: () => null,
        later: (signal) => nightDetections(store, asked, { signal }),
      };
    }),
  );
}

/** Reads the parameters, runs the query and sends its answer in the format asked for. */
function rows(
  face: Face,
  parameters: ReadonlyMap<string, Parameter>,
  queryOf: (given: Given, path: Record<string, string>) => RowQuery,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  return async (request, reply) => {
    const start = performance.now();
    const given = readParameters(queryString(request), parameters);
    const format: Format = chosenFormat(given.format, request.headers.accept);
    const query = queryOf(given, request.params as Record<string, string>);
    const { hasSeparation, title } = query;
    const now = query.now();
    const answer = now ?? (await runQuery(face, reply, query.later));
    const queryMs = performance.now() - start;
    return sendAnswer(face, request, reply, format, {
      answer: { ...answer, hasSeparation, matched: null, title },
      queryMs,
      isReused: now !== null,
    });
  };
}

function placeOf(given: Given): { raDeg: number; decDeg: number } {
  if (given.raDeg === undefined) throw missing('ra');
  if (given.decDeg === undefined) throw missing('dec');
  return { raDeg: given.raDeg, decDeg: given.decDeg };
}

function lightCurveQuery(face: Face, asked: LightCurveRequest): RowQuery {
  const { store } = face.deps;
  return {
    hasSeparation: false,
    title: 'Light curve',
    now: () => lightCurveNow(store, asked, face.reused),
    later: (signal) => lightCurve(store, asked, { signal }),
  };
}

function onlyWithRows(answer: DetectionsAnswer | null): DetectionsAnswer | null {
  return answer === null || answer.columns.length === 0 ? null : answer;
}

function checked<T extends object>(name: CheckedName, asked: T): T {
  checkRequest(name, asked);
  return asked;
}
