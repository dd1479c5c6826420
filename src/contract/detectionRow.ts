// A detection as a row with the outside names (JSON, NDJSON, Arrow, CSV by name) to columns. What an
// answer of ours gives can be sent back in: sep_arcsec is passed over, mjd_tai and mjd_utc may both be
// there if they agree.
//
// A number may be text (spelling: numberText.ts); null, undefined and NaN are "no value"; "" is one for
// text columns only. Ids are text or whole numbers; a double beyond 2^53 has lost digits on its way and is
// refused (JSON bodies keep theirs: ingest/files/exactJson.ts). Ranges are checked later, by model/checkBatch.

import { NO_DETECTOR, type DetectionColumns } from '../model/columns.ts';
import { int64OfText } from '../model/ids.ts';
import { KIND_NUMBER, KINDS, type Kind } from '../model/kind.ts';
import { taiOfUtc } from '../sky/time.ts';
import type { RejectedRow } from '../store/store.ts';
import { shownValue } from '../errors.ts';
import { midOfStart, REFERENCE_START, taiOf, TIME_REFERENCES, TIME_SCALES, timeProblem } from './exposureTime.ts';
import { parsedInteger, parsedNumber } from './numberText.ts';

type Row = Readonly<Record<string, unknown>>;
/** Sets one column from a given value; says what is wrong with it, or null. */
type Setter = (columns: DetectionColumns, i: number, value: unknown) => string | null;

/**
 * Appends the row and returns true; or adds why not to `rejected`, under `rowIndex`, and returns false.
 * A name that is no column is refused: a misspelt one would lose its values in silence.
 */
export function appendRow(columns: DetectionColumns, row: Row, rowIndex: number, rejected: RejectedRow[]): boolean {
  const i = columns.addRow();
  const problem = setRow(columns, i, row);
  if (problem === null) return true;
  columns.length = i;
  rejected.push({ row: rowIndex, code: 'invalid_argument', message: problem });
  return false;
}

function setRow(columns: DetectionColumns, i: number, row: Row): string | null {
  let hasId = false;
  for (const name of Object.keys(row)) {
    const value = row[name];
    if (value === null || value === undefined) continue;
    const set = SETTERS.get(name);
    if (set === undefined) {
      if (TIME_NAMES.has(name) || name === 'sep_arcsec') continue;
      return `${shownValue(name)} is no column of a detection`;
    }
    const problem = set(columns, i, value);
    if (problem !== null) return problem;
    hasId ||= name === 'source_id';
  }
  return hasId ? setTime(columns, i, row) : 'source_id is missing';
}

const TIME_NAMES: ReadonlySet<string> = new Set(['mjd_tai', 'mjd_utc', 'time_mjd', 'time_scale', 'time_reference']);
/** Two spellings of one time: a float64 MJD resolves 0.6 us, text often 1e-5 d or less. */
const SAME_TIME_DAYS = 1e-5;

function setTime(columns: DetectionColumns, i: number, row: Row): string | null {
  const tai = numberOf(row['mjd_tai']);
  const utc = numberOf(row['mjd_utc']);
  const other = numberOf(row['time_mjd']);
  if (typeof tai === 'string') return `mjd_tai ${tai}`;
  if (typeof utc === 'string') return `mjd_utc ${utc}`;
  if (typeof other === 'string') return `time_mjd ${other}`;
  if (!Number.isNaN(other)) {
    if (!Number.isNaN(tai) || !Number.isNaN(utc)) return 'time_mjd is given beside mjd_tai or mjd_utc, must be one of them';
    return setScaledTime(columns, i, row, other);
  }
  if (!Number.isNaN(tai)) {
    if (Math.abs(taiOfUtc(utc) - tai) > SAME_TIME_DAYS) return `mjd_utc is ${String(utc)}, not the same moment as mjd_tai ${String(tai)}`;
    columns.mjdTai[i] = tai;
    return null;
  }
  if (Number.isNaN(utc)) return 'mjd_tai is missing, and so are mjd_utc and time_mjd';
  columns.mjdTai[i] = taiOfUtc(utc);
  return null;
}

function setScaledTime(columns: DetectionColumns, i: number, row: Row, mjd: number): string | null {
  const timeScale = wordNumber(row['time_scale'], TIME_SCALES);
  const timeReference = wordNumber(row['time_reference'], TIME_REFERENCES);
  if (timeScale < 0) return `time_scale is ${shownValue(row['time_scale'])}, must be one of ${TIME_SCALES.join(', ')}`;
  if (timeReference < 0) return `time_reference is ${shownValue(row['time_reference'])}, must be one of ${TIME_REFERENCES.join(', ')}`;
  const problem = timeProblem(timeScale, timeReference, columns.exptimeS[i]);
  if (problem !== null) return problem;
  const mjdTai = taiOf(mjd, timeScale);
  columns.mjdTai[i] = timeReference === REFERENCE_START ? midOfStart(mjdTai, columns.exptimeS[i]) : mjdTai;
  return null;
}

/** Number of the word in its proto enum: 0 not given, -1 none of them. */
function wordNumber(value: unknown, words: readonly string[]): number {
  if (value === null || value === undefined) return 0;
  const k = typeof value === 'string' ? words.indexOf(value.toLowerCase()) : -1;
  return k < 0 ? -1 : k + 1;
}

/** NaN where there is no value; text where it is no number: "is ..., must be a number". */
function numberOf(value: unknown): number | string {
  if (typeof value === 'number') return value === Infinity || value === -Infinity ? notNumber(value) : value;
  if (value === null || value === undefined) return NaN;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string') return notNumber(value);
  const parsed = parsedNumber(value);
  return Number.isNaN(parsed) ? notNumber(value) : parsed;
}

const notNumber = (value: unknown): string => `is ${shown(value)}, must be a number`;

/** undefined where the value is no whole number that can be trusted. */
function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' ? (parsedInteger(value) ?? undefined) : undefined;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' || typeof value === 'object' ? undefined : integerOf(value)?.toString();
}

const shown = (value: unknown): string => (typeof value === 'object' ? (Array.isArray(value) ? 'a list' : 'an object') : shownValue(value));

function wholeNumberProblem(name: string, value: unknown, limit: string): string {
  const isTooLong = typeof value === 'number' && Number.isInteger(value);
  return isTooLong ? `${name} is ${String(value)}, beyond 2^53: give it as text` : `${name} is ${shown(value)}, must be ${limit}`;
}

type FloatColumn = {
  [K in keyof DetectionColumns]: DetectionColumns[K] extends Float32Array | Float64Array ? K : never;
}[keyof DetectionColumns];

function float(name: string, column: FloatColumn): [string, Setter] {
  const set: Setter = (columns, i, value) => {
    const number = numberOf(value);
    if (typeof number === 'string') return `${name} ${number}`;
    const array = columns[column];
    array[i] = number;
    // a float32 cannot hold every double
    return array[i] === Infinity || array[i] === -Infinity ? `${name} is ${String(number)}, beyond what a float32 holds` : null;
  };
  return [name, set];
}

function name(field: 'survey' | 'station' | 'band', dictionary: 'surveys' | 'stations' | 'bands'): [string, Setter] {
  const set: Setter = (columns, i, value) => {
    if (typeof value !== 'string') return `${field} is ${shown(value)}, must be text`;
    columns[field][i] = columns[dictionary].intern(value);
    return null;
  };
  return [field, set];
}

const setSourceId: Setter = (columns, i, value) => {
  const text = textOf(value);
  if (text === undefined) return wholeNumberProblem('source_id', value, 'text or a whole number');
  if (text === '') return 'source_id is empty';
  setSourceIdText(columns, i, text);
  return null;
};

/** Every id has one form: the int64 where the text canonically writes one. */
export function setSourceIdText(columns: DetectionColumns, i: number, text: string): void {
  const int64 = int64OfText(text);
  columns.sourceId[i] = int64 ?? 0n;
  columns.sourceIdText[i] = int64 === null ? text : null;
}

const setObjectId: Setter = (columns, i, value) => {
  const text = textOf(value);
  if (text === undefined) return wholeNumberProblem('object_id', value, 'text or a whole number');
  columns.objectId[i] = text === '' ? null : text;
  return null;
};

const setExposureId: Setter = (columns, i, value) => {
  const integer = integerOf(value);
  if (integer === undefined) return wholeNumberProblem('exposure_id', value, 'a whole number');
  if (BigInt.asIntN(64, integer) !== integer) return `exposure_id is ${String(integer)}, must be an int64`;
  columns.exposureId[i] = integer;
  return null;
};

const setDetector: Setter = (columns, i, value) => {
  const integer = integerOf(value);
  if (integer === undefined || integer < BigInt(NO_DETECTOR) || integer > 2_147_483_647n) {
    return `detector is ${shown(value)}, must be an int32`;
  }
  columns.detector[i] = Number(integer);
  return null;
};

const setFlags: Setter = (columns, i, value) => {
  const integer = integerOf(value);
  if (integer === undefined) return wholeNumberProblem('flags', value, 'a whole number');
  if (BigInt.asUintN(64, integer) !== integer) return `flags is ${String(integer)}, must be a uint64`;
  columns.flags[i] = integer;
  return null;
};

const setKind: Setter = (columns, i, value) => {
  if (!(KINDS as readonly unknown[]).includes(value)) return `kind is ${shown(value)}, must be one of ${KINDS.join(', ')}`;
  columns.kind[i] = KIND_NUMBER[value as Kind];
  return null;
};

const SETTERS: ReadonlyMap<string, Setter> = new Map<string, Setter>([
  name('survey', 'surveys'),
  ['source_id', setSourceId],
  ['object_id', setObjectId],
  ['exposure_id', setExposureId],
  ['detector', setDetector],
  name('station', 'stations'),
  float('exptime_s', 'exptimeS'),
  float('ra_deg', 'raDeg'),
  float('dec_deg', 'decDeg'),
  float('ra_err_arcsec', 'raErrArcsec'),
  float('dec_err_arcsec', 'decErrArcsec'),
  name('band', 'bands'),
  float('diff_flux_njy', 'diffFluxNjy'),
  float('diff_flux_err_njy', 'diffFluxErrNjy'),
  float('sci_flux_njy', 'sciFluxNjy'),
  float('sci_flux_err_njy', 'sciFluxErrNjy'),
  float('mag_ab', 'magAb'),
  float('mag_err', 'magErr'),
  float('mag_limit_ab', 'magLimitAb'),
  float('snr', 'snr'),
  float('reliability', 'reliability'),
  float('trail_len_arcsec', 'trailLenArcsec'),
  float('trail_pa_deg', 'trailPaDeg'),
  ['kind', setKind],
  ['flags', setFlags],
]);
