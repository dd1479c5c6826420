// Times as packets and catalogues write them, to TAI at mid-exposure.

import { midOfStart } from '../../src/contract/exposureTime.ts';
import { taiOfUtc } from '../../src/sky/time.ts';
import { RowProblem } from './text.ts';

export type TimeReference = 'start' | 'mid';

/** Julian date of MJD 0. */
const JD_OF_MJD_0 = 2_400_000.5;
const MIN_MJD = 10_000;
const MAX_MJD = 100_000;

/** HJD - 2450000, seconds and the like are no MJD; the message names the field as the file does. */
export function checkedMjd(name: string, mjd: number): number {
  if (mjd >= MIN_MJD && mjd <= MAX_MJD) return mjd;
  if (Number.isNaN(mjd)) throw new RowProblem(`${name} has no value`);
  throw new RowProblem(`${name} is ${String(mjd)}, must be a modified Julian date from ${String(MIN_MJD)} to ${String(MAX_MJD)}`);
}

export function mjdOfJd(name: string, jd: number): number {
  const mjd = jd - JD_OF_MJD_0;
  if (mjd >= MIN_MJD && mjd <= MAX_MJD) return mjd;
  if (Number.isNaN(jd)) throw new RowProblem(`${name} has no value`);
  const [min, max] = [MIN_MJD + JD_OF_MJD_0, MAX_MJD + JD_OF_MJD_0];
  throw new RowProblem(`${name} is ${String(jd)}, must be a Julian date from ${String(min)} to ${String(max)}`);
}

export function midTaiOfUtc(name: string, mjdUtc: number, reference: TimeReference, exptimeS: number): number {
  const mjdTai = taiOfUtc(checkedMjd(name, mjdUtc));
  return reference === 'mid' ? mjdTai : midOfStart(mjdTai, exptimeS);
}
