// Range checks of a whole batch, the counterpart of the proto's rules (proto/nightjar/v1/detection.proto)
// for the hot path, where no schema validator runs per row. Column by column in plain loops: a good batch
// costs no allocation. A bad row is data: it comes back with its index, a code and a message.
//
// Values get their one stored form in place: -0 becomes 0, RA 360 becomes 0, every NaN the same bits, an
// id that canonically writes an int64 the number, an empty object id null. So equal content is equal bytes.

import { invalidArgument } from '../errors.ts';
import type { RejectedRow } from './rejectedRow.ts';
import { DetectionColumns, FLOAT32_COLUMNS } from './columns.ts';
import type { Dictionary } from './dictionary.ts';
import { int64OfText, MAX_ID_LENGTH } from './ids.ts';

export interface CheckedBatch {
  /** The rows that passed: the batch itself when all did. */
  readonly good: DetectionColumns;
  /** Row good[i] was row rows[i] of the batch. Shared between calls: don't write to it. */
  readonly rows: Uint32Array;
  readonly rejected: readonly RejectedRow[];
}

interface Range {
  /** Name outside. */
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

type Float32Column = (typeof FLOAT32_COLUMNS)[number];

export const RA_RANGE: Range = { name: 'ra_deg', min: 0, max: 360 };
export const DEC_RANGE: Range = { name: 'dec_deg', min: -90, max: 90 };
export const MJD_RANGE: Range = { name: 'mjd_tai', min: 10_000, max: 100_000 };

/** Nullable columns; an infinite bound only asks for a finite value. */
export const FLOAT32_RANGES: Readonly<Record<Float32Column, Range>> = {
  exptimeS: { name: 'exptime_s', min: 0, max: 86_400 },
  raErrArcsec: { name: 'ra_err_arcsec', min: 0, max: 3600 },
  decErrArcsec: { name: 'dec_err_arcsec', min: 0, max: 3600 },
  diffFluxNjy: { name: 'diff_flux_njy', min: -Infinity, max: Infinity },
  diffFluxErrNjy: { name: 'diff_flux_err_njy', min: 0, max: Infinity },
  sciFluxNjy: { name: 'sci_flux_njy', min: -Infinity, max: Infinity },
  sciFluxErrNjy: { name: 'sci_flux_err_njy', min: 0, max: Infinity },
  magAb: { name: 'mag_ab', min: -40, max: 60 },
  magErr: { name: 'mag_err', min: 0, max: 100 },
  magLimitAb: { name: 'mag_limit_ab', min: -40, max: 60 },
  snr: { name: 'snr', min: -Infinity, max: Infinity },
  reliability: { name: 'reliability', min: 0, max: 1 },
  trailLenArcsec: { name: 'trail_len_arcsec', min: 0, max: 36_000 },
  trailPaDeg: { name: 'trail_pa_deg', min: -360, max: 360 },
};

/** Longest names, UTF-16 code units. */
export const NAME_LENGTHS = { survey: 64, station: 64, band: 16 } as const;

/** Checks and normalises the batch in place. Only rows with every value in range are in `good`. */
export function checkBatch(batch: DetectionColumns): CheckedBatch {
  if (isGood(batch)) return { good: batch, rows: identity(batch.length), rejected: [] };
  return separate(batch);
}

function isGood(batch: DetectionColumns): boolean {
  const n = batch.length;
  for (const name of FLOAT32_COLUMNS) {
    const { min, max } = FLOAT32_RANGES[name];
    if (!areInRangeOrNull(batch[name], n, Math.max(min, -Number.MAX_VALUE), Math.min(max, Number.MAX_VALUE))) return false;
  }
  return (
    areInRange(batch.mjdTai, n, MJD_RANGE) &&
    areInRange(batch.decDeg, n, DEC_RANGE) &&
    areInRange(batch.raDeg, n, RA_RANGE) &&
    wrapRa(batch.raDeg, n) &&
    areKinds(batch.kind, n) &&
    areIdsGood(batch, n) &&
    areNamesGood(batch.survey, n, batch.surveys, surveyFault) &&
    areNamesGood(batch.station, n, batch.stations, stationFault) &&
    areNamesGood(batch.band, n, batch.bands, bandFault)
  );
}

function areInRangeOrNull(column: Float32Array, n: number, min: number, max: number): boolean {
  for (let i = 0; i < n; i++) {
    const x = column[i];
    if (x >= min && x <= max) {
      if (x === 0) column[i] = 0;
    } else if (x !== x) {
      column[i] = NaN;
    } else {
      return false;
    }
  }
  return true;
}

function areInRange(column: Float64Array, n: number, { min, max }: Range): boolean {
  for (let i = 0; i < n; i++) {
    const x = column[i];
    if (!(x >= min && x <= max)) return false;
    if (x === 0) column[i] = 0;
  }
  return true;
}

function wrapRa(raDeg: Float64Array, n: number): true {
  for (let i = 0; i < n; i++) if (raDeg[i] === 360) raDeg[i] = 0;
  return true;
}

function areKinds(kind: Uint8Array, n: number): boolean {
  for (let i = 0; i < n; i++) if (kind[i] < 1 || kind[i] > 3) return false;
  return true;
}

function areIdsGood(batch: DetectionColumns, n: number): boolean {
  const { sourceIdText, objectId } = batch;
  for (let i = 0; i < n; i++) {
    const id = sourceIdText[i];
    if (id !== null) {
      if (idFault('source_id', id) !== null) return false;
      takeNumber(batch, i, id);
    }
    const object = objectId[i];
    if (object !== null) {
      if (object === '') objectId[i] = null;
      else if (idFault('object_id', object) !== null) return false;
    }
  }
  return true;
}

/** A number that came as text has one form only. */
function takeNumber(batch: DetectionColumns, row: number, id: string): void {
  const value = int64OfText(id);
  if (value === null) return;
  batch.sourceId[row] = value;
  batch.sourceIdText[row] = null;
}

function idFault(field: string, id: string): string | null {
  if (id === '') return `${field} is missing`;
  if (id.length > MAX_ID_LENGTH) return `${field} has ${String(id.length)} characters, must have at most ${String(MAX_ID_LENGTH)}`;
  return id.isWellFormed() ? null : `${field} has half of a surrogate pair, must be well-formed text`;
}

function nameFault(field: keyof typeof NAME_LENGTHS, name: string): string | null {
  const most = NAME_LENGTHS[field];
  if (name.length > most) return `${field} has ${String(name.length)} characters, must have at most ${String(most)}`;
  return name.isWellFormed() ? null : `${field} has half of a surrogate pair, must be well-formed text`;
}

function surveyFault(name: string): string | null {
  if (name === '') return 'survey is missing';
  // Object ids are `survey:source_id`, and source ids hold colons: one in the survey would let two objects share an id.
  if (name.includes(':')) return invalidArgument('survey', name, 'without a colon').message;
  return nameFault('survey', name);
}

const stationFault = (name: string): string | null => nameFault('station', name);
const bandFault = (name: string): string | null => nameFault('band', name);

type NameFault = (name: string) => string | null;

/** How many names of a dictionary, from its first, are known to be good for this rule. */
const goodNames = new Map<NameFault, WeakMap<Dictionary, number>>(
  [surveyFault, stationFault, bandFault].map((fault) => [fault, new WeakMap<Dictionary, number>()]),
);

/** Every row's index has a good name. The names are looked at once in a dictionary's life, not per row. */
function areNamesGood(column: Uint16Array, n: number, dictionary: Dictionary, fault: NameFault): boolean {
  const { names } = dictionary;
  const known = goodNames.get(fault)?.get(dictionary) ?? 0;
  let first = known;
  // Index 0 is '' in every dictionary: it is good where the name may be absent.
  const from = fault('') === null ? 0 : 1;
  if (first < from) first = from;
  while (first < names.length && fault(names[first]) === null) first++;
  if (first > known) goodNames.get(fault)?.set(dictionary, first);
  for (let i = 0; i < n; i++) {
    const index = column[i];
    if (index >= first || index < from) {
      if (index >= names.length || fault(names[index]) !== null) return false;
    }
  }
  return true;
}

/** The slow way, for a batch with a bad row: every row against every rule. */
function separate(batch: DetectionColumns): CheckedBatch {
  const { surveys, stations, bands } = batch;
  const good = new DetectionColumns(batch.length, { surveys, stations, bands });
  const rows = new Uint32Array(batch.length);
  const rejected: RejectedRow[] = [];
  for (let row = 0; row < batch.length; row++) {
    const message = faultOf(batch, row);
    if (message === null) rows[good.copyRow(batch, row)] = row;
    else rejected.push({ row, code: 'invalid_argument', message });
  }
  // Cannot fail any more, and gives the values their stored form.
  isGood(good);
  return { good, rows: rows.subarray(0, good.length), rejected };
}

/** The first fault of a row, in the order of the proto's fields. */
function faultOf(batch: DetectionColumns, row: number): string | null {
  const id = batch.sourceIdText[row];
  const object = batch.objectId[row];
  const kind = batch.kind[row];
  return (
    nameFaultAt(batch.surveys, batch.survey[row], 'survey', surveyFault) ??
    (id === null ? null : idFault('source_id', id)) ??
    (object === null || object === '' ? null : idFault('object_id', object)) ??
    nameFaultAt(batch.stations, batch.station[row], 'station', stationFault) ??
    requiredFault(MJD_RANGE, batch.mjdTai[row]) ??
    requiredFault(RA_RANGE, batch.raDeg[row]) ??
    requiredFault(DEC_RANGE, batch.decDeg[row]) ??
    nameFaultAt(batch.bands, batch.band[row], 'band', bandFault) ??
    float32Fault(batch, row) ??
    (kind >= 1 && kind <= 3 ? null : invalidArgument('kind', kind, 'from 1 to 3 (detection, forced, upper_limit)').message)
  );
}

function nameFaultAt(dictionary: Dictionary, index: number, field: string, fault: NameFault): string | null {
  if (index >= dictionary.names.length) {
    return invalidArgument(`${field}_index`, index, `below ${String(dictionary.names.length)}`).message;
  }
  return fault(dictionary.names[index]);
}

function float32Fault(batch: DetectionColumns, row: number): string | null {
  for (const name of FLOAT32_COLUMNS) {
    const value = batch[name][row];
    if (Number.isNaN(value)) continue;
    const fault = rangeFault(FLOAT32_RANGES[name], value);
    if (fault !== null) return fault;
  }
  return null;
}

/** NaN is no value, as in the columns that may have none. */
function requiredFault(range: Range, value: number): string | null {
  return Number.isNaN(value) ? `${range.name} is missing` : rangeFault(range, value);
}

function rangeFault({ name, min, max }: Range, value: number): string | null {
  if (Number.isFinite(value) && value >= min && value <= max) return null;
  return invalidArgument(name, value, rangeText(min, max)).message;
}

function rangeText(min: number, max: number): string {
  if (min === -Infinity) return 'finite';
  return max === Infinity ? `at least ${String(min)} and finite` : `from ${String(min)} to ${String(max)}`;
}

let identityRows = new Uint32Array(0);

function identity(n: number): Uint32Array {
  if (n > identityRows.length) identityRows = Uint32Array.from({ length: Math.max(n, 2 * identityRows.length) }, (_, i) => i);
  return identityRows.subarray(0, n);
}
