// The region of POST /v1/region: {"polygon": [[ra, dec], ...]}, {"moc": "5/1-3 6/40"}, or an ASCII MOC alone.

import { AppError, invalidArgument } from '../../src/errors.ts';
import { parseDecDeg, parseRaDeg } from '../../src/sky/angle.ts';
import { mocOfAscii } from '../../src/sky/moc.ts';
import { polygonOf } from '../../src/sky/polygon.ts';
import type { Region } from '../../src/store/store.ts';
import { isObject, jsonBody, readMembers, textOf } from './jsonBody.ts';
import { ROWS_PARAMETERS, type Given } from './parameters.ts';
import { HttpError } from './problem.ts';

const TAKEN = 'application/json, text/plain';

/** Reads the body; other members of a JSON body go to `given`. */
export function regionOf(mediaType: string, body: Buffer, given: Given): Region {
  if (mediaType === 'text/plain') return { kind: 'moc', moc: mocOfAscii(body.toString('utf8')) };
  if (mediaType !== 'application/json') {
    throw new HttpError(415, 'invalid_argument', `content-type ${mediaType || '(none)'} is not taken here, send ${TAKEN}`, {
      field: 'content-type',
      value: mediaType,
      limit: TAKEN,
    });
  }
  const { polygon, moc, ...others } = jsonBody(body);
  readMembers(given, ROWS_PARAMETERS, others);
  if ((polygon === undefined) === (moc === undefined)) {
    throw new AppError('invalid_argument', 'the body must have polygon or moc, one of them', { details: { field: 'polygon' } });
  }
  if (moc !== undefined) {
    if (typeof moc !== 'string') throw invalidArgument('moc', moc, 'an ASCII MOC such as "5/1-3 6/40"');
    return { kind: 'moc', moc: mocOfAscii(moc) };
  }
  if (!Array.isArray(polygon)) throw invalidArgument('polygon', polygon, 'a list of [ra, dec]');
  return { kind: 'polygon', polygon: polygonOf(polygon.map(vertexOf)) };
}

function vertexOf(vertex: unknown, index: number): { raDeg: number; decDeg: number } {
  const name = `polygon[${index}]`;
  const pair: readonly unknown[] = Array.isArray(vertex) ? vertex : isObject(vertex) ? [vertex['ra_deg'], vertex['dec_deg']] : [];
  const [ra, dec] = pair;
  if (pair.length !== 2 || ra === undefined || dec === undefined) {
    throw new AppError('invalid_argument', `${name} must be [ra, dec]`, { details: { field: name, limit: '[ra, dec]' } });
  }
  return { raDeg: parseRaDeg(textOf(name, ra), name), decDeg: parseDecDeg(textOf(name, dec), name) };
}
