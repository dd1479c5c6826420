// A detection as the JSON that stands beside its point: the outside names, nulls left out, int64 as text,
// the float64 position and time in full. Tile38 itself rounds nothing, but its point is only a candidate's
// place; answers come from here.

import { FLOAT32_COLUMNS, type DetectionColumns } from '../../model/columns.ts';
import { FIELDS } from '../../model/fields.ts';
import { int64OfText } from '../../model/ids.ts';
import { KIND_NUMBER, type Kind } from '../../model/kind.ts';

/** What is not in a row's fields: the object it was associated with. */
const JOINED = 'joined';
/** Derived, not kept. */
const LEFT_OUT = new Set(['mjd_utc']);

type Json = Record<string, string | number>;

const FLOATS = new Map(FLOAT32_COLUMNS.map((column) => [column.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), column]));

/** `batch.objectId` is the survey's own id, null without one. */
export function rowJsonOf(batch: DetectionColumns, row: number, joined: string): string {
  const json: Json = {};
  for (const { name, value } of FIELDS) {
    const v = LEFT_OUT.has(name) ? null : value(batch, row);
    if (v !== null) json[name] = typeof v === 'bigint' ? v.toString() : v;
  }
  json[JOINED] = joined;
  return JSON.stringify(json);
}

export interface ReadRow {
  readonly row: number;
  /** Object that the row was associated with. */
  readonly joined: string;
  /** The survey's own object id. */
  readonly alias: string | null;
}

/** Appends the row; its object id is the survey's own, else the joined one. */
export function readRowJson(text: string, out: DetectionColumns): ReadRow {
  const json = JSON.parse(text) as Partial<Json>;
  const row = out.addRow();
  const textOf = (name: string): string => String(json[name] ?? '');
  const id = textOf('source_id');
  const number = int64OfText(id);
  const joined = textOf(JOINED);
  const alias = json['object_id'] === undefined ? null : textOf('object_id');
  out.survey[row] = out.surveys.intern(textOf('survey'));
  out.station[row] = out.stations.intern(textOf('station'));
  out.band[row] = out.bands.intern(textOf('band'));
  out.kind[row] = KIND_NUMBER[textOf('kind') as Kind];
  out.sourceId[row] = number ?? 0n;
  out.sourceIdText[row] = number === null ? id : null;
  out.objectId[row] = alias ?? joined;
  if (json['exposure_id'] !== undefined) out.exposureId[row] = BigInt(json['exposure_id']);
  if (json['detector'] !== undefined) out.detector[row] = Number(json['detector']);
  if (json['flags'] !== undefined) out.flags[row] = BigInt(json['flags']);
  out.mjdTai[row] = Number(json['mjd_tai']);
  out.raDeg[row] = Number(json['ra_deg']);
  out.decDeg[row] = Number(json['dec_deg']);
  for (const [name, column] of FLOATS) out[column][row] = Number(json[name] ?? NaN);
  return { row, joined, alias };
}
