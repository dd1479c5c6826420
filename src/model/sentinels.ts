// Numbers and words that surveys write where they have no value. They become null when a file or a packet
// is read; position and time of the row stay. docs/data-model.md shows these tables.
//
// Only exact values count, never a range of "odd" ones: Sirius (-1.46), the Sun (-26.74) and MACHO's
// instrumental magnitudes (-9 to -3) are real. Limits of what a column can hold: checkBatch.ts.

export interface Sentinel {
  /** Surveys it counts for, by name or by the beginning of the name up to a sign (`ZTF` holds for `ZTF-DR5`); null: for all. */
  readonly surveys: readonly string[] | null;
  /** Exact values, compared as float64 and as float32. */
  readonly values: readonly number[];
  /** Closed interval, where the survey scatters its sentinel. */
  readonly between?: readonly [number, number];
  readonly reason: string;
}

export const MAGNITUDE_SENTINELS: readonly Sentinel[] = [
  {
    surveys: null,
    values: [-9999, -999, -99.99, -99.9, -99, 99, 99.9, 99.99, 99.999, 666, 999, 9999],
    reason: 'no source is so bright or so faint: ZTF and PGIR -999, SDSS and OGLE -99.99, SNLS 666, many 99 or 99.99',
  },
  { surveys: ['SDSS'], values: [], between: [99.9, 100.1], reason: 'Stripe 82 light curves: no value is written as about 100' },
  { surveys: ['PTF', 'ZTF'], values: [0], reason: 'match files: 0.0 is no value; the detectors saturate near 12' },
  {
    surveys: ['FOUNDATION', 'PS1MD', 'ZTF'],
    values: [27.5],
    reason: 'the zero point of SNANA files, left where there is no flux; below what one exposure of these reaches',
  },
];

export const MAGNITUDE_ERROR_SENTINELS: readonly Sentinel[] = [
  {
    surveys: null,
    values: [-9999, -999, -99.99, -99, -9, -1, 99, 99.99, 99.999, 666, 999, 9999, Infinity],
    reason: 'no error was measured',
  },
];

/** Flux, limiting magnitude, signal to noise, reliability, trail, position error. */
export const NUMBER_SENTINELS: readonly Sentinel[] = [
  { surveys: null, values: [-9999, -999], reason: 'ZTF packets, although their schema has null' },
];

/** Object ids, bands and stations. Never source ids: an id may be any word. */
export const TEXT_SENTINELS: readonly string[] = ['', 'null', 'NULL', 'None', 'nan', 'NaN', 'N/A', '--'];

/** The magnitude, or null where this survey writes no magnitude so. NaN is null too. */
export function magnitudeOrNull(survey: string, mag: number): number | null {
  return valueOrNull(MAGNITUDE_SENTINELS, survey, mag);
}

/** Null too where there is no magnitude: the error of nothing is nothing. */
export function magnitudeErrorOrNull(survey: string, magErr: number, mag: number | null): number | null {
  return mag === null ? null : valueOrNull(MAGNITUDE_ERROR_SENTINELS, survey, magErr);
}

export function numberOrNull(survey: string, value: number): number | null {
  return valueOrNull(NUMBER_SENTINELS, survey, value);
}

export function textOrNull(text: string): string | null {
  return TEXT_SENTINELS.includes(text) ? null : text;
}

function valueOrNull(sentinels: readonly Sentinel[], survey: string, value: number): number | null {
  if (Number.isNaN(value)) return null;
  for (const { surveys, values, between } of sentinels) {
    if (surveys !== null && !surveys.some((name) => isOf(survey, name))) continue;
    if (values.some((sentinel) => value === sentinel || value === Math.fround(sentinel))) return null;
    if (between !== undefined && value >= between[0] && value <= between[1]) return null;
  }
  return value;
}

function isOf(survey: string, name: string): boolean {
  if (!survey.toUpperCase().startsWith(name.toUpperCase())) return false;
  return survey.length === name.length || !/[A-Za-z0-9]/.test(survey.charAt(name.length));
}
