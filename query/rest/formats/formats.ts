// The formats of answers, and which of them a request wants.

import type { Format, FormatName } from './format.ts';
import { encodeArrow } from './arrow.ts';
import { CSV_ROWS } from './csv.ts';
import { JSON_ROWS, NDJSON_ROWS } from './json.ts';
import { encodeParquet } from './parquet.ts';
import { VOTABLE_ROWS } from './votable.ts';

const ALL: readonly Format[] = [
  {
    name: 'json',
    contentType: 'application/json; charset=utf-8',
    mediaTypes: ['application/json'],
    encode: (answer) => JSON_ROWS.encode(answer),
  },
  {
    name: 'ndjson',
    contentType: 'application/x-ndjson; charset=utf-8',
    mediaTypes: ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/x-jsonlines'],
    encode: (answer) => NDJSON_ROWS.encode(answer),
  },
  {
    name: 'csv',
    contentType: 'text/csv; charset=utf-8; header=present',
    mediaTypes: ['text/csv'],
    encode: (answer) => CSV_ROWS.encode(answer),
  },
  {
    name: 'votable',
    contentType: 'application/x-votable+xml; charset=utf-8',
    mediaTypes: ['application/x-votable+xml'],
    encode: (answer) => VOTABLE_ROWS.encode(answer),
  },
  {
    name: 'arrow',
    contentType: 'application/vnd.apache.arrow.stream',
    mediaTypes: ['application/vnd.apache.arrow.stream'],
    encode: encodeArrow,
  },
  {
    name: 'parquet',
    contentType: 'application/vnd.apache.parquet',
    mediaTypes: ['application/vnd.apache.parquet', 'application/x-parquet'],
    encode: encodeParquet,
  },
];

export const FORMATS: ReadonlyMap<FormatName, Format> = new Map(ALL.map((format) => [format.name, format]));

const BY_MEDIA_TYPE: ReadonlyMap<string, Format> = new Map(ALL.flatMap((format) => format.mediaTypes.map((type) => [type, format])));
const [JSON_FORMAT] = ALL;

/**
 * The format named by `format=`, else the best of the Accept header, else JSON. An Accept header that names
 * nothing we have gets JSON too: browsers and libraries send such headers without meaning them.
 */
export function chosenFormat(named: FormatName | undefined, accept: string | undefined): Format {
  if (named !== undefined) return FORMATS.get(named) ?? JSON_FORMAT;
  if (accept === undefined || accept === '*/*') return JSON_FORMAT;
  let best = JSON_FORMAT;
  let bestWeight = 0;
  for (const part of accept.split(',')) {
    const [type, ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const format = BY_MEDIA_TYPE.get(type);
    if (format === undefined) continue;
    const weight = Number(parameters.find((text) => text.startsWith('q='))?.slice(2) ?? 1);
    if (weight > bestWeight) {
      best = format;
      bestWeight = weight;
    }
  }
  return best;
}

/** What Accept may ask for, one type a format. */
export function mediaTypes(): readonly string[] {
  return ALL.map((format) => format.mediaTypes[0]);
}
