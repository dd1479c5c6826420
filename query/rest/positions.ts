// The positions of a bulk cone search: JSON, a CSV body, or a CSV file uploaded by a form. Columns that
// mean nothing here are left alone in a CSV, since people send the tables they have.

import type { FastifyRequest } from 'fastify';
import { parse } from 'csv-parse/sync';
import type { Position } from '../../src/contract/gen/codec.js';
import { numberOfText } from '../../src/contract/numberText.ts';
import { AppError, invalidArgument } from '../../src/errors.ts';
import { parseDecDeg, parseRaDeg } from '../../src/sky/angle.ts';
import { isObject, jsonBody, readMembers, textOf } from './jsonBody.ts';
import { BULK_PARAMETERS, type Given } from './parameters.ts';
import { HttpError } from './problem.ts';

const COLUMNS: ReadonlySet<string> = new Set(['id', 'ra', 'dec', 'ra_deg', 'dec_deg', 'radius_arcsec']);
const TAKEN = 'application/json, text/csv, multipart/form-data';

/** Reads the body; other members of a JSON body go to `given`. */
export async function positionsOf(mediaType: string, request: FastifyRequest, body: Buffer, given: Given): Promise<Position[]> {
  switch (mediaType) {
    case 'application/json':
      return jsonPositions(body, given);
    case 'text/csv':
      return csvPositions(body);
    case 'multipart/form-data':
      return csvPositions(await uploadedFile(request.headers['content-type'] ?? '', body));
    default:
      throw new HttpError(415, 'invalid_argument', `content-type ${mediaType || '(none)'} is not taken here, send ${TAKEN}`, {
        field: 'content-type',
        value: mediaType,
        limit: TAKEN,
      });
  }
}

function jsonPositions(body: Buffer, given: Given): Position[] {
  const { positions, ...others } = jsonBody(body);
  if (!Array.isArray(positions)) {
    throw new AppError('invalid_argument', 'positions is missing, must be a list of { id, ra, dec, radius_arcsec }', {
      details: { field: 'positions' },
    });
  }
  readMembers(given, BULK_PARAMETERS, others);
  return positions.map((position: unknown, i) => {
    const name = `positions[${i}]`;
    if (!isObject(position)) throw invalidArgument(name, typeof position, 'an object with ra and dec');
    refuseUnknown(
      name,
      Object.keys(position).filter((column) => !COLUMNS.has(column)),
    );
    return positionOf(name, (column) => textOf(`${name}.${column}`, position[column]));
  });
}

function csvPositions(body: Buffer): Position[] {
  let records: string[][];
  try {
    records = parse(body, { bom: true, trim: true, skip_empty_lines: true });
  } catch (error) {
    throw new AppError('invalid_argument', `the body is no CSV: ${error instanceof Error ? error.message : ''}`, { cause: error });
  }
  const [header = [], ...rows] = records;
  const columns = new Map(header.map((name, i) => [name.toLowerCase(), i]));
  refuseUnknown(
    'header',
    header.filter((name) => /^radius/i.test(name) && name.toLowerCase() !== 'radius_arcsec'),
  );
  return rows.map((row, i) => positionOf(`positions[${i}]`, (column) => row[columns.get(column) ?? -1] ?? ''));
}

/** A radius in other units, say, must not be taken for none. */
function refuseUnknown(where: string, [unknown]: readonly string[]): void {
  if (unknown === undefined) return;
  const limit = `known: ${[...COLUMNS].join(', ')}`;
  throw new AppError('invalid_argument', `${where} has ${JSON.stringify(unknown)}; ${limit}`, { details: { field: unknown, limit } });
}

/** `ra` and `dec`, or `ra_deg` and `dec_deg`; sexagesimal too. Ranges are checked later, for all at once. */
function positionOf(name: string, column: (name: string) => string): Position {
  const ra = column('ra') || column('ra_deg');
  const dec = column('dec') || column('dec_deg');
  if (ra === '') throw new AppError('invalid_argument', `${name}.ra is missing`, { details: { field: `${name}.ra`, limit: 'required' } });
  if (dec === '')
    throw new AppError('invalid_argument', `${name}.dec is missing`, { details: { field: `${name}.dec`, limit: 'required' } });
  const radius = column('radius_arcsec');
  return {
    id: column('id'),
    raDeg: parseRaDeg(ra, `${name}.ra`),
    decDeg: parseDecDeg(dec, `${name}.dec`),
    ...(radius !== '' && { radiusArcsec: numberOfText(`${name}.radius_arcsec`, radius) }),
  };
}

/** The one file of a form, as `requests.post(url, files={'table': open('targets.csv')})` sends it. */
async function uploadedFile(contentType: string, body: Buffer): Promise<Buffer> {
  let files: File[];
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- it takes the whole body in memory, where ours is already, within its limit
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
    files = [...form.values()].filter((value) => value instanceof File);
  } catch (error) {
    throw new AppError('invalid_argument', 'the body is no form with a file', { cause: error });
  }
  if (files.length !== 1) throw new AppError('invalid_argument', `the form has ${files.length} files, must be one CSV file`);
  return Buffer.from(await files[0].arrayBuffer());
}
