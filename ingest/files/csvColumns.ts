// Which file is this? A CSV header names one of three kinds of table: our own columns (and the headers of
// files made for them), a ZTF or broker table, an ADES table. Columns are found by name, never by place.

import { AppError } from '../../src/errors.ts';
import type { BatchBuilder } from './detectionBatch.ts';
import { adesRowOf } from './adesRow.ts';
import { ownRowReader } from './ownRow.ts';
import { ztfTableRowOf } from './surveys/ztf.ts';
import type { ReadOptions } from './readOptions.ts';
import type { TextFields } from './recordFields.ts';
import { quoted, trimBlanks } from './text.ts';

export interface CsvTable {
  /** Place of each column by the name the mapping uses. */
  readonly columns: ReadonlyMap<string, number>;
  readonly addRow: (batch: BatchBuilder, fields: TextFields, line: number) => void;
}

/** @param fileName Part of the ids made up where a table has none (ADES): `433.txt:1`. */
export function csvTableOf(header: readonly string[], options: ReadOptions, fileName: string): CsvTable {
  const names = header.map(bareName);
  const has = (...wanted: string[]) => wanted.some((name) => names.includes(name));

  if (has('obsTime') && has('stn')) {
    const columns = placesOf(header, names, [['obsTime'], ['stn'], ['ra'], ['dec']], 'an ADES table');
    return {
      columns,
      addRow: (batch, fields, line) => {
        batch.add(adesRowOf(fields, `${fileName}:${String(line)}`, options), line);
      },
    };
  }
  if (has('candid') && has('fid', 'magpsf', 'jd', 'mjd')) {
    const columns = placesOf(header, names, [['candid'], ['jd', 'mjd'], ['ra'], ['dec'], ['magpsf', 'mag']], 'a table of ZTF candidates');
    return {
      columns,
      addRow: (batch, fields, line) => {
        batch.add(ztfTableRowOf(fields, options), line);
      },
    };
  }
  const survey = options.survey === undefined ? [['survey']] : [];
  const time = ['mjd_tai', 'mjd_utc', 'time_mjd'];
  const ours = names.map((name) => ALIASES.get(name) ?? name);
  const columns = placesOf(header, ours, [['source_id'], time, ['ra_deg'], ['dec_deg'], ...survey], 'a table of detections');
  const rowOf = ownRowReader(columns, options);
  return {
    columns,
    addRow: (batch, fields, line) => {
      batch.addOwn(rowOf(fields), line);
    },
  };
}

/** Our names of the columns of tables made for us under other names. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['det_id', 'source_id'],
  ['mag', 'mag_ab'],
  ['obscode', 'station'],
  ['limmag', 'mag_limit_ab'],
]);

/** Fink's tables write i:ra for the ra of the packet. */
function bareName(field: string): string {
  const name = trimBlanks(field);
  return name.startsWith('i:') ? name.slice(2) : name;
}

function placesOf(
  header: readonly string[],
  names: readonly string[],
  wanted: readonly (readonly string[])[],
  what: string,
): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  names.forEach((name, place) => {
    if (name === '') return;
    const earlier = columns.get(name);
    if (earlier !== undefined) {
      const both = [header[earlier], header[place]].map((field) => quoted(field)).join(' and ');
      throw new AppError('invalid_argument', `header has two columns for ${name}: ${both}`);
    }
    columns.set(name, place);
  });
  demand(columns, wanted, what, header);
  return columns;
}

function demand(
  columns: ReadonlyMap<string, number>,
  wanted: readonly (readonly string[])[],
  what: string,
  header: readonly string[],
): void {
  const missing = wanted.filter((names) => !names.some((name) => columns.has(name))).map((names) => names.join(' or '));
  if (missing.length === 0) return;
  const found = header.slice(0, 12).map((name) => quoted(name));
  const without = missing.some((name) => name === 'ra_deg' || name === 'ra') ? '; a row without a position is no detection' : '';
  throw new AppError('invalid_argument', `header lacks ${missing.join(', ')} of ${what}, it has ${found.join(', ')}${without}`);
}
