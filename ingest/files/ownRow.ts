// A row of a table with our own column names (src/model/fields.ts), as people write it: padded numbers,
// words for "no value", sentinels. It becomes a row as the contract takes it (contract/detectionRow.ts),
// which says what each column may hold; only the looks of text files are dealt with here.

import { FIELDS } from '../../src/model/fields.ts';
import { magnitudeErrorOrNull, magnitudeOrNull } from '../../src/model/sentinels.ts';
import { wrappedRaDeg } from './detectionBatch.ts';
import { checkedMjd } from './exposureTime.ts';
import type { ReadOptions } from './readOptions.ts';
import type { TextFields } from './recordFields.ts';
import { isNoValue, RowProblem, trimBlanks } from './text.ts';

const FLOAT_COLUMNS = FIELDS.filter(({ type }) => type === 'float32' || type === 'float64').map(({ name }) => name);
const INTEGER_COLUMNS = FIELDS.filter(({ type }) => type === 'int32' || type === 'int64' || type === 'uint64').map(({ name }) => name);
/** Text as it is: blanks and words such as null are part of a name. */
const TEXT_COLUMNS = ['source_id', 'object_id', 'station', 'band'];
const WORD_COLUMNS = ['kind', 'time_scale', 'time_reference'];

export function ownRowOf(fields: TextFields, options: ReadOptions): Record<string, unknown> {
  const survey = fields.text('survey') ?? options.survey ?? '';
  const row: Record<string, unknown> = { survey };
  for (const name of TEXT_COLUMNS) setUnlessNull(row, name, fields.text(name));
  for (const name of FLOAT_COLUMNS) setUnlessNull(row, name, fields.number(name));
  for (const name of INTEGER_COLUMNS) setUnlessNull(row, name, fields.integer(name));
  for (const name of WORD_COLUMNS) {
    const word = fields.text(name);
    if (word !== null && !isNoValue(word)) row[name] = trimBlanks(word);
  }
  setUnlessNull(row, 'time_mjd', fields.number('time_mjd'));
  // Said here, while the value is as the file has it.
  if (typeof row['mjd_utc'] === 'number') checkedMjd('mjd_utc', row['mjd_utc']);
  for (const name of ['ra_deg', 'dec_deg']) if (row[name] === undefined) throw new RowProblem(`${name} has no value`);
  if (options.station !== undefined) row['station'] ??= options.station;
  if (options.exptimeS !== undefined) row['exptime_s'] ??= options.exptimeS;
  if (options.wrapRa !== false && typeof row['ra_deg'] === 'number') row['ra_deg'] = wrappedRaDeg(row['ra_deg']);
  const magAb = magnitudeOrNull(survey, numberAt(row, 'mag_ab'));
  setOrDelete(row, 'mag_ab', magAb);
  setOrDelete(row, 'mag_err', magnitudeErrorOrNull(survey, numberAt(row, 'mag_err'), magAb));
  setOrDelete(row, 'mag_limit_ab', magnitudeOrNull(survey, numberAt(row, 'mag_limit_ab')));
  if (options.timeReference === 'start') asStartOfExposure(row);
  return row;
}

/** The columns mjd_utc and mjd_tai mean mid-exposure; here the caller has said that this file means the start. */
function asStartOfExposure(row: Record<string, unknown>): void {
  for (const [name, scale] of [['mjd_utc', 'utc'] as const, ['mjd_tai', 'tai'] as const]) {
    if (row[name] === undefined) continue;
    row['time_mjd'] = row[name];
    row['time_scale'] = scale;
    row['time_reference'] = 'start_exposure';
    Reflect.deleteProperty(row, name);
  }
}

function setUnlessNull(row: Record<string, unknown>, name: string, value: string | number | bigint | null): void {
  if (value !== null && !(typeof value === 'number' && Number.isNaN(value))) row[name] = value;
}

function numberAt(row: Readonly<Record<string, unknown>>, name: string): number {
  const value = row[name];
  return typeof value === 'number' ? value : NaN;
}

function setOrDelete(row: Record<string, unknown>, name: string, value: number | null): void {
  if (value === null) Reflect.deleteProperty(row, name);
  else row[name] = value;
}
