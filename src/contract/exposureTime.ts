// Every way a detection may say when, to the one way we keep: TAI at mid-exposure, MJD.

import { taiOfTt, taiOfUtc } from '../sky/time.ts';

export const TIME_SCALES = ['utc', 'tai', 'tt'] as const;
export const TIME_REFERENCES = ['mid_exposure', 'start_exposure'] as const;

/** Numbers of proto TimeScale and TimeReference. */
export const SCALE_UTC = 1;
export const SCALE_TAI = 2;
export const SCALE_TT = 3;
export const REFERENCE_MID = 1;
export const REFERENCE_START = 2;

const SEC_PER_DAY = 86_400;

export function taiOf(mjd: number, timeScale: number): number {
  if (timeScale === SCALE_UTC) return taiOfUtc(mjd);
  return timeScale === SCALE_TT ? taiOfTt(mjd) : mjd;
}

/** Half the exposure is added in TAI, where every day has 86,400 s. exptimeS as it is stored, a float32. */
export function midOfStart(startMjdTai: number, exptimeS: number): number {
  return startMjdTai + exptimeS / 2 / SEC_PER_DAY;
}

/** Why a row cannot be placed in time, or null. */
export function timeProblem(timeScale: number, timeReference: number, exptimeS: number): string | null {
  if (timeScale < SCALE_UTC || timeScale > SCALE_TT) return notGiven('time_scale', timeScale, TIME_SCALES);
  if (timeReference < REFERENCE_MID || timeReference > REFERENCE_START) return notGiven('time_reference', timeReference, TIME_REFERENCES);
  if (timeReference !== REFERENCE_START || exptimeS >= 0) return null;
  if (exptimeS < 0) return `exptime_s is ${String(exptimeS)}, must be at least 0`;
  return 'exptime_s is missing, needed where the time is the start of the exposure';
}

function notGiven(field: string, value: number, allowed: readonly string[]): string {
  const choice = allowed.join(', ');
  return value === 0 ? `${field} is missing, must be one of ${choice}` : `${field} is ${String(value)}, must be one of ${choice}`;
}
