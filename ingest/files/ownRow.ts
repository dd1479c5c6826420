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

type OwnRow = Record<string, unknown>;

const FLOAT_COLUMNS = [...FIELDS.filter(({ type }) => type === 'float32' || type === 'float64').map(({ name }) => name), 'time_mjd'];
const INTEGER_COLUMNS = FIELDS.filter(({ type }) => type === 'int32' || type === 'int64' || type === 'uint64').map(({ name }) => name);
/** Text as it is: blanks and words such as null are part of a name. */
const TEXT_COLUMNS = ['source_id', 'object_id', 'station', 'band'];
const WORD_COLUMNS = ['kind', 'time_scale', 'time_reference'];
const MAGNITUDE_COLUMNS = ['mag_ab', 'mag_err', 'mag_limit_ab'];
const ERROR_COLUMN = /_err(?:_|$)/;
const INFINITE = /^\+?inf(?:inity)?$/i;

/** A reader for rows of a table with these columns; what the table has not is not looked for in every row. */
export function ownRowReader(columns: ReadonlyMap<string, number>, options: ReadOptions): (fields: TextFields) => OwnRow {
  const present = (names: readonly string[]) => names.filter((name) => columns.has(name));
  const floats = present(FLOAT_COLUMNS);
  const integers = present(INTEGER_COLUMNS);
  const texts = present(TEXT_COLUMNS);
  const words = present(WORD_COLUMNS);
  const hasMagnitudes = present(MAGNITUDE_COLUMNS).length > 0;

  return (fields) => {
    const row: OwnRow = { survey: fields.text('survey') ?? options.survey ?? '' };
    for (const name of texts) setUnlessNull(row, name, fields.text(name));
    for (const name of floats) setUnlessNull(row, name, floatIn(fields, name));
    for (const name of integers) setUnlessNull(row, name, fields.integer(name));
    for (const name of words) {
      const word = fields.text(name);
      if (word !== null && !isNoValue(word)) row[name] = trimBlanks(word);
    }
    checkPlaceAndTime(row);
    addWhatCallerKnows(row, options);
    if (hasMagnitudes) withoutSentinels(row);
    return row;
  };
}

function floatIn(fields: TextFields, name: string): number {
  // PTF's match files write an error that is not known as inf.
  if (ERROR_COLUMN.test(name) && INFINITE.test(trimBlanks(fields.text(name) ?? ''))) return NaN;
  return fields.number(name);
}

/** Said here, while the values are as the file has them. */
function checkPlaceAndTime(row: OwnRow): void {
  if (typeof row['mjd_utc'] === 'number') checkedMjd('mjd_utc', row['mjd_utc']);
  for (const name of ['ra_deg', 'dec_deg']) {
    if (row[name] === undefined) throw new RowProblem(`${name} has no value`);
  }
}

function addWhatCallerKnows(row: OwnRow, options: ReadOptions): void {
  if (options.station !== undefined) row['station'] ??= options.station;
  if (options.exptimeS !== undefined) row['exptime_s'] ??= options.exptimeS;
  if (options.wrapRa !== false && typeof row['ra_deg'] === 'number') row['ra_deg'] = wrappedRaDeg(row['ra_deg']);
  if (options.timeReference !== 'start') return;
  // The columns mean mid-exposure; here the caller has said that this file means the start.
  for (const [name, scale] of [['mjd_utc', 'utc'] as const, ['mjd_tai', 'tai'] as const]) {
    if (row[name] === undefined) continue;
    row['time_mjd'] = row[name];
    row['time_scale'] = scale;
    row['time_reference'] = 'start_exposure';
    row[name] = undefined;
  }
}

function withoutSentinels(row: OwnRow): void {
  const survey = String(row['survey']);
  const magAb = magnitudeOrNull(survey, numberAt(row, 'mag_ab'));
  row['mag_ab'] = magAb;
  row['mag_err'] = magnitudeErrorOrNull(survey, numberAt(row, 'mag_err'), magAb);
  row['mag_limit_ab'] = magnitudeOrNull(survey, numberAt(row, 'mag_limit_ab'));
}

function numberAt(row: OwnRow, name: string): number {
  const value = row[name];
  return typeof value === 'number' ? value : NaN;
}

function setUnlessNull(row: OwnRow, name: string, value: string | number | bigint | null): void {
  if (value !== null && !(typeof value === 'number' && Number.isNaN(value))) row[name] = value;
}
