// Rows of an answer as a table for people: the columns that matter, numbers by their decimal point.

import { isoOfMjd } from '../sky/time.ts';

/** A row of a JSON answer, with the outside names. */
export type JsonRow = Readonly<Record<string, unknown>>;

export interface TableColumn {
  readonly title: string;
  readonly text: (row: JsonRow) => string;
  readonly align?: 'left' | 'right';
}

function numberText(name: string, decimals: number): (row: JsonRow) => string {
  return (row) => {
    const value = row[name];
    return typeof value === 'number' ? value.toFixed(decimals) : '';
  };
}

function plainText(name: string): (row: JsonRow) => string {
  return (row) => {
    const value = row[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
}

const TIME: TableColumn = {
  title: 'time (UTC)',
  text: ({ mjd_utc: mjdUtc }) => (typeof mjdUtc === 'number' ? isoOfMjd(mjdUtc, 0).replace('T', ' ').replace('Z', '') : ''),
};
const MJD: TableColumn = { title: 'mjd_tai', text: numberText('mjd_tai', 5), align: 'right' };
const SURVEY: TableColumn = { title: 'survey', text: plainText('survey') };
const ID: TableColumn = { title: 'source_id', text: plainText('source_id') };
const OBJECT: TableColumn = { title: 'object_id', text: plainText('object_id') };
const RA: TableColumn = { title: 'ra_deg', text: numberText('ra_deg', 6), align: 'right' };
const DEC: TableColumn = { title: 'dec_deg', text: numberText('dec_deg', 6), align: 'right' };
const BAND: TableColumn = { title: 'band', text: plainText('band') };
const MAG: TableColumn = { title: 'mag_ab', text: numberText('mag_ab', 3), align: 'right' };
const MAG_ERR: TableColumn = { title: 'mag_err', text: numberText('mag_err', 3), align: 'right' };
const MAG_LIMIT: TableColumn = { title: 'limit', text: numberText('mag_limit_ab', 2), align: 'right' };
const FLUX: TableColumn = { title: 'diff_flux_njy', text: numberText('diff_flux_njy', 1), align: 'right' };
const KIND: TableColumn = { title: 'kind', text: plainText('kind') };
const SEP: TableColumn = { title: 'sep_arcsec', text: numberText('sep_arcsec', 3), align: 'right' };

export const DETECTION_TABLE: readonly TableColumn[] = [TIME, SURVEY, ID, OBJECT, RA, DEC, BAND, MAG, MAG_ERR, KIND, SEP];
export const LIGHT_CURVE_TABLE: readonly TableColumn[] = [TIME, MJD, SURVEY, BAND, MAG, MAG_ERR, MAG_LIMIT, FLUX, KIND, ID];

/** Columns in which no row has anything are left out; beyond `mostRows` the middle is, with a line that says so. */
export function tableText(columns: readonly TableColumn[], rows: readonly JsonRow[], mostRows = Infinity): string {
  if (rows.length === 0) return '  no rows\n';
  const isCut = rows.length > mostRows;
  const head = isCut ? rows.slice(0, mostRows - Math.floor(mostRows / 3)) : rows;
  const tail = isCut ? rows.slice(rows.length - Math.floor(mostRows / 3)) : [];
  const shown = [...head, ...tail].map((row) => columns.map((column) => column.text(row)));
  const used = columns.map((_, c) => shown.some((cells) => cells[c] !== ''));
  const widths = columns.map(({ title }, c) => Math.max(title.length, ...shown.map((cells) => cells[c].length)));
  const line = (cells: readonly string[]): string =>
    `  ${cells
      .map((cell, c) => (columns[c].align === 'right' ? cell.padStart(widths[c]) : cell.padEnd(widths[c])))
      .filter((_, c) => used[c])
      .join('  ')
      .trimEnd()}\n`;
  const lines = shown.map(line);
  if (isCut) lines.splice(head.length, 0, `  ... ${rows.length - head.length - tail.length} rows between ...\n`);
  return line(columns.map(({ title }) => title)) + line(widths.map((width) => '-'.repeat(width))) + lines.join('');
}

/** Names and values, one pair a line. */
export function pairsText(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `  ${name.padEnd(width)}  ${value}\n`).join('');
}

/** 12345678 as 12,345,678. */
export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}
