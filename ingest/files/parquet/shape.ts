// What a Parquet file holds, by the names of its columns; and which of them are worth reading (cut-out images
// are most of a packet).

import { FIELDS } from '../../../src/model/fields.ts';
import { AppError } from '../../../src/errors.ts';
import { quoted } from '../text.ts';

export type ParquetKind = 'ztf packets' | 'lsst packets' | 'ztf table' | 'ztf asteroids' | 'our columns';

export interface ParquetShape {
  readonly kind: ParquetKind;
  /** As the file writes them. */
  readonly columns: readonly string[];
}

const PACKETS = {
  'ztf packets': ['objectId', 'candid', 'candidate', 'prv_candidates', 'fp_hists'],
  'lsst packets': ['diaSource', 'prvDiaSources', 'prvDiaForcedSources'],
} as const;
const ZTF_TABLE = [
  'objectId',
  'candid',
  'jd',
  'fid',
  'pid',
  'rcid',
  'ra',
  'dec',
  'magpsf',
  'sigmapsf',
  'isdiffpos',
  'diffmaglim',
  'exptime',
  'scorr',
  'rb',
];
/** Fink's tables of asteroids: one row an object, a list a column. */
const ZTF_ASTEROIDS = ['ssnamenr', 'cra', 'cdec', 'cmagpsf', 'csigmapsf', 'cfid', 'cjd'];
const OUR_COLUMNS = FIELDS.map(({ name }) => name);

export function parquetShapeOf(names: readonly string[]): ParquetShape {
  const has = (...wanted: string[]) => wanted.every((name) => names.includes(name));
  if (has('objectId', 'candidate')) return { kind: 'ztf packets', columns: PACKETS['ztf packets'].filter((name) => has(name)) };
  if (has('diaSource')) return { kind: 'lsst packets', columns: PACKETS['lsst packets'].filter((name) => has(name)) };
  if (has('ssnamenr', 'cra', 'cdec', 'cjd')) return { kind: 'ztf asteroids', columns: ZTF_ASTEROIDS.filter((name) => has(name)) };
  if (has('survey', 'source_id')) return { kind: 'our columns', columns: OUR_COLUMNS.filter((name) => has(name)) };
  const table = names.filter((name) => ZTF_TABLE.includes(bareName(name)));
  const bare = table.map(bareName);
  if (['candid', 'jd', 'ra', 'dec', 'magpsf'].every((name) => bare.includes(name))) return { kind: 'ztf table', columns: table };
  throw new AppError('invalid_argument', `columns are of no table we know: ${quoted(names.slice(0, 20).join(', '))}`);
}

/** Fink writes i:ra for the ra of the packet, and d:ra where it was joined to something. */
export function bareName(name: string): string {
  return /^[id]:/.test(name) ? name.slice(2) : name;
}
