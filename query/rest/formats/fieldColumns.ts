// From the outside name of a field to the typed array behind it.

import { FLOAT32_COLUMNS, FLOAT64_COLUMNS, type DetectionColumns } from '../../../src/model/columns.ts';
import { FIELDS, SEP_FIELD, type Field } from '../../../src/model/fields.ts';

export type Float32Name = (typeof FLOAT32_COLUMNS)[number];
export type Float64Name = (typeof FLOAT64_COLUMNS)[number];

const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);

export const FLOAT32_NAMES: ReadonlyMap<string, Float32Name> = new Map(FLOAT32_COLUMNS.map((name) => [snakeCase(name), name]));
export const FLOAT64_NAMES: ReadonlyMap<string, Float64Name> = new Map(FLOAT64_COLUMNS.map((name) => [snakeCase(name), name]));

/** The columns of an answer; `sep_arcsec` is the last where there was a place to be separated from. */
export const PLAIN_FIELDS: readonly Field[] = FIELDS;
export const CONE_FIELDS: readonly Field[] = [...FIELDS, SEP_FIELD];

/** Low and high halves of 64-bit integers, without making a bigint of each. */
export function halves(column: BigInt64Array | BigUint64Array): Int32Array {
  return new Int32Array(column.buffer, column.byteOffset, 2 * column.length);
}

export function nameColumn(
  columns: DetectionColumns,
  field: 'survey' | 'station' | 'band',
): { index: Uint16Array; names: readonly string[] } {
  if (field === 'survey') return { index: columns.survey, names: columns.surveys.names };
  if (field === 'station') return { index: columns.station, names: columns.stations.names };
  return { index: columns.band, names: columns.bands.names };
}
