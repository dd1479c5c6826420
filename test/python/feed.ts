// The rows that the readers must find: ids, flags and numbers that break where a format or a reader is careless.
// readers.py gets them as JSON and works out by itself what the answers must be.

import { appendRow } from '../../src/contract/detectionRow.ts';
import { DetectionColumns } from '../../src/model/columns.ts';
import type { RejectedRow } from '../../src/store/store.ts';

/** A detection under the outside names; ids and flags are text, as in JSON answers. */
type Row = Readonly<Record<string, string | number>>;

interface Place {
  readonly ra: number;
  readonly dec: number;
  readonly radius_arcsec: number;
  /** All that is there, in the order of answers: by time. */
  readonly rows: readonly Row[];
}

/** Canonical int64s: both ends, and one step beyond what a double holds. */
function numberId(i: number): bigint {
  if (i === 5) return 2n ** 63n - 1n;
  if (i === 6) return -(2n ** 63n);
  return 2n ** 53n + 1n + 2n * BigInt(i);
}

const TEXT_IDS = [
  '433.txt:1',
  'ZTF17aadlxmv:0',
  '00123',
  '12',
  '9007199254740993',
  '1e5',
  'a,"b"',
  ' blank ',
  '=1+1',
  '<&>',
  'Zürich 🔭',
  '-0',
];

/** Rows 1.4" apart, so that each is an object of its own. */
const numbers: Place = {
  ra: 10,
  dec: 20,
  radius_arcsec: 60,
  rows: Array.from({ length: 24 }, (_, i) => ({
    survey: 'NUM',
    source_id: numberId(i).toString(),
    mjd_tai: 60_000.123456789 + i / 7,
    ra_deg: 10 + i / 1e7,
    dec_deg: 19.9951234567890123 + i / 2531,
    ra_err_arcsec: 0.1 + i / 97,
    diff_flux_njy: (i % 2 === 0 ? -1 : 1) * 1234.5678 * (i + 1),
    diff_flux_err_njy: 1e-7 * (i + 1),
    exptime_s: 30,
    ...(i % 2 === 0 && { exposure_id: (2n ** 53n + 3n + BigInt(2 * i)).toString(), station: 'I41' }),
    ...(i % 3 !== 0 && { mag_ab: 18.123456789 + i / 10, mag_err: 1 / 3, detector: i - 4 }),
    ...(i % 4 === 0 && { snr: 5.5 + i, reliability: i / 24, object_id: `ZTF17aadl${String(i)}` }),
    ...(i === 7 && { flags: (2n ** 64n - 1n).toString(), trail_len_arcsec: 12.5, trail_pa_deg: -179.99 }),
    ...(i !== 8 && { band: i % 2 === 0 ? 'g' : 'r' }),
  })),
};

const texts: Place = {
  ra: 200,
  dec: -30,
  radius_arcsec: 60,
  rows: TEXT_IDS.map((id, i) => ({
    survey: 'TXT',
    source_id: id,
    object_id: `T<${id}>`,
    mjd_tai: 61_000 + i / 3,
    ra_deg: 200,
    dec_deg: -30 + i / 2531,
    ...(i % 2 === 0 && { mag_ab: 20 + i / 7, band: 'i' }),
  })),
};

const curve: Place = {
  ra: 50,
  dec: -10,
  radius_arcsec: 60,
  rows: ['detection', 'forced', 'upper_limit', 'detection', 'forced', 'detection'].map((kind, i) => ({
    survey: 'CRV',
    source_id: String(100 + i),
    object_id: 'LC-1',
    mjd_tai: 60_100.5 + i,
    ra_deg: 50,
    dec_deg: -10,
    band: i % 2 === 0 ? 'g' : 'r',
    kind,
    ...(kind === 'upper_limit' ? { mag_limit_ab: 20.5 } : { mag_ab: 19 + i / 3 }),
  })),
};

export const PLACES = { numbers, texts, curve } as const;

/** The same as columns, for the gRPC face. */
export function sentColumns(rows: readonly Row[]): DetectionColumns {
  const columns = new DetectionColumns(rows.length);
  const rejected: RejectedRow[] = [];
  rows.forEach((row, i) => appendRow(columns, row, i, rejected));
  if (rejected.length > 0) throw new Error(rejected[0].message);
  return columns;
}
