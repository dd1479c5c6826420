// The OpenAPI document: parameters from the tables that read them, ranges and units from the schemas that
// check them, rows from the fields that write them. A test holds its paths to the routes of the app.

import { OUTSIDE_SCHEMAS, type MessageSchema } from '../../src/contract/gen/schemas.ts';
import { ERROR_CODES } from '../../src/errors.ts';
import type { Field } from '../../src/model/fields.ts';
import { CONE_FIELDS } from './formats/fieldColumns.ts';
import { FORMAT_NAMES } from './formats/format.ts';
import { mediaTypes } from './formats/formats.ts';
import type { Parameter } from './parameters.ts';
import * as tables from './parameters.ts';

interface Operation {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: ReadonlyMap<string, Parameter>;
  readonly body?: Record<string, object>;
  /** Name of a component schema, or `rows` for an answer in all formats. */
  readonly answer: string;
}

const ref = (name: string): object => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object): Record<string, object> => ({ 'application/json': { schema } });
const text = { schema: { type: 'string' } };
const NUMBER_OR_NULL = { type: ['number', 'null'] };
const COUNTS = { type: 'object', additionalProperties: { type: 'integer' } };

const POSITION = {
  type: 'object',
  required: ['ra', 'dec'],
  properties: {
    id: { type: 'string', description: 'Echoed' },
    ra: { type: ['number', 'string'], description: 'Degrees, or hours as text' },
    dec: { type: ['number', 'string'], description: 'Degrees, or sexagesimal as text' },
    radius_arcsec: { type: 'number' },
  },
};

const OPERATIONS: readonly Operation[] = [
  {
    method: 'post', path: '/v1/detections', summary: 'Put detections in', answer: 'IngestReport',
    description: 'Idempotent by (survey, source_id). 200 also when rows were rejected: the report says which and why.',
    body: {
      ...json({ type: 'array', items: ref('DetectionIn') }), 'application/x-ndjson': text, 'text/csv': text,
      'application/vnd.apache.arrow.stream': { schema: { type: 'string', format: 'binary' } },
    },
  },
  {
    method: 'get', path: '/v1/cone', summary: 'Detections within a radius of a place, by time', answer: 'rows',
    description: 'A closed cone (separation <= radius) and a half-open time window [mjd_min, mjd_max) on the mid-exposure time, TAI.',
    parameters: tables.CONE_PARAMETERS,
  },
  {
    method: 'post', path: '/v1/cone/bulk', summary: 'Up to 10,000 cones at once, or a cross-match', answer: 'rows', parameters: tables.BULK_PARAMETERS,
    description: 'JSON, a CSV with the header id,ra,dec[,radius_arcsec], or a form with such a file. Parameters may stand in the JSON body too.',
    body: { ...json({ type: 'object', required: ['positions'], properties: { positions: { type: 'array', maxItems: 10_000, items: POSITION } } }), 'text/csv': text },
  },
  {
    method: 'post', path: '/v1/region', summary: 'Detections in a polygon or a MOC, by time', answer: 'rows', parameters: tables.ROWS_PARAMETERS,
    description: 'JSON {"polygon": [[ra, dec], ...]} or {"moc": "5/1-3 6/40"}, or an ASCII MOC as text/plain. Parameters may stand in the JSON body too.',
    body: {
      ...json({ type: 'object', properties: { polygon: { type: 'array', items: { type: 'array', items: { type: 'number' } } }, moc: { type: 'string' } } }),
      'text/plain': text,
    },
  },
  { method: 'get', path: '/v1/nearest', summary: 'The k nearest detections, by separation', answer: 'rows', parameters: tables.NEAREST_PARAMETERS },
  { method: 'get', path: '/v1/light-curve', summary: 'Light curve of a place', answer: 'rows', parameters: tables.PLACE_LIGHT_CURVE_PARAMETERS },
  {
    method: 'get', path: '/v1/objects/{id}/light-curve', summary: 'Light curve of an object, by its id or an alias', answer: 'rows',
    parameters: tables.ROWS_PARAMETERS,
  },
  { method: 'get', path: '/v1/objects/{id}', summary: 'An object, by its id or an alias', answer: 'Object' },
  { method: 'get', path: '/v1/detections/{survey}/{source_id}', summary: 'One detection', answer: 'rows', parameters: tables.ONE_ROW_PARAMETERS },
  { method: 'get', path: '/v1/nights/{night}', summary: 'A night in numbers', answer: 'Night', parameters: tables.FILTER_PARAMETERS },
  { method: 'get', path: '/v1/nights/{night}/detections', summary: 'The detections of a night', answer: 'rows', parameters: tables.ROWS_PARAMETERS },
  { method: 'get', path: '/v1/status', summary: 'What the service holds', answer: 'Status' },
  { method: 'get', path: '/health/live', summary: 'The process runs', answer: 'Health' },
  { method: 'get', path: '/health/ready', summary: 'The service takes requests', answer: 'Health' },
]; // prettier-ignore

export function openApiDocument(version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: operationObject(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Nightjar',
      version,
      description:
        'Detections of the changing sky. 64-bit integers are strings, missing values null (empty in CSV and VOTable). ' +
        'A cut answer says so in `truncated`, in the headers Nightjar-Truncated, Nightjar-Next-Cursor and Link, and gives the `next` cursor.',
    },
    paths,
    components: { schemas: components() },
  };
}

function operationObject({ path, summary, description, parameters, body, answer }: Operation): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: name === 'night' ? 'integer' : 'string' },
    ...(name === 'night' && { description: 'The whole MJD of its evening' }),
  }));
  return {
    summary,
    ...(description !== undefined && { description }),
    parameters: [...inPath, ...[...(parameters?.values() ?? [])].map(parameterObject)],
    ...(body !== undefined && { requestBody: { required: true, content: body } }),
    responses: {
      200: { description: 'The answer', content: answer === 'rows' ? rowsContent(path) : json(ref(answer)) },
      default: { description: 'What was wrong', content: { 'application/problem+json': { schema: ref('Problem') } } },
    },
  };
}

function rowsContent(path: string): Record<string, object> {
  const others = mediaTypes().filter((type) => type !== 'application/json');
  return { ...json(ref(path === '/v1/cone/bulk' ? 'Matches' : 'Detections')), ...Object.fromEntries(others.map((type) => [type, text])) };
}

function parameterObject(parameter: Parameter): object {
  const { name, description, schema, isAngle } = parameter;
  if (schema === 'format') return { name, in: 'query', description, schema: { type: 'string', enum: FORMAT_NAMES } };
  const { 'x-unit': unit, description: _inProto, ...field } = fieldSchema(schema.message, schema.field);
  const shown = isAngle === true ? { anyOf: [field, { type: 'string' }] } : field;
  return { name, in: 'query', description: unit === undefined ? description : `${description} [${unit}]`, schema: shown };
}

function fieldSchema(message: keyof typeof OUTSIDE_SCHEMAS, field: string): MessageSchema {
  const schema = OUTSIDE_SCHEMAS[message].properties?.[field];
  if (schema === undefined) throw new Error(`no field ${field} in ${message}`);
  return schema;
}

function components(): Record<string, object> {
  const rows = { type: 'array', items: ref('DetectionOut') };
  const page = { count: { type: 'integer' }, truncated: { type: 'boolean' }, next: { type: ['string', 'null'] } };
  return {
    DetectionIn: OUTSIDE_SCHEMAS.Detection,
    DetectionOut: { type: 'object', properties: Object.fromEntries(CONE_FIELDS.map((field) => [field.name, fieldObject(field)])) },
    Detections: { type: 'object', properties: { ...page, detections: rows } },
    Matches: { type: 'object', description: 'Rows as DetectionOut with position and id; null where find=each found nothing', properties: { ...page, matches: rows } },
    IngestReport: {
      type: 'object',
      properties: {
        accepted: { type: 'integer' }, duplicates: { type: 'integer' }, rejected: { type: 'integer' }, durability: { type: ['string', 'null'] },
        errors: {
          type: 'array', description: 'The first 1,000 rejected rows, numbered from 0',
          items: { type: 'object', properties: { row: { type: 'integer' }, code: { enum: ERROR_CODES }, message: { type: 'string' } } },
        },
      },
    },
    Object: {
      type: 'object', description: 'The first of `objects`, and all of them: an alias of a moving object has several',
      properties: {
        object_id: { type: 'string' }, aliases: { type: 'array', items: { type: 'string' } }, ra_deg: { type: 'number' }, dec_deg: { type: 'number' },
        detections: { type: 'integer' }, mjd_tai_first: { type: 'number' }, mjd_tai_last: { type: 'number' }, count: { type: 'integer' },
        objects: { type: 'array', items: { type: 'object' } },
      },
    },
    Night: {
      type: 'object',
      properties: {
        night: { type: 'integer' }, detections: { type: 'integer' }, mjd_tai_first: NUMBER_OR_NULL, mjd_tai_last: NUMBER_OR_NULL,
        surveys: COUNTS, bands: COUNTS, stations: COUNTS,
      },
    },
    Status: {
      type: 'object',
      properties: {
        version: { type: 'string' }, engine: { type: 'string' }, detections: { type: 'integer' }, objects: { type: 'integer' },
        mjd_tai_first: NUMBER_OR_NULL, mjd_tai_last: NUMBER_OR_NULL, surveys: { type: 'array', items: { type: 'string' } },
        bytes_used: { type: 'integer' }, bytes_limit: NUMBER_OR_NULL, durability: { type: 'string' }, recovery: { type: ['string', 'null'] },
        uptime_s: { type: 'number' },
      },
    },
    Health: { type: 'object', properties: { status: { type: 'string' } } },
    Problem: {
      type: 'object', description: 'RFC 9457',
      properties: {
        type: { type: 'string' }, title: { type: 'string' }, status: { type: 'integer' }, detail: { type: 'string' }, code: { enum: ERROR_CODES },
        field: { type: 'string' }, value: { type: 'string' }, limit: { type: 'string' }, requestId: { type: 'string' },
      },
    },
  }; // prettier-ignore
}

function fieldObject({ type, unit, ucd, description }: Field): object {
  const shown = type === 'float32' || type === 'float64' ? 'number' : type === 'int32' ? 'integer' : 'string';
  return { type: [shown, 'null'], description: unit === '' ? description : `${description} [${unit}]`, 'x-ucd': ucd };
}
