// Units of angle, and the two ways people write a position: decimal degrees, or sexagesimal (hours for
// right ascension, degrees for declination). Inside the service degrees exist only at the edge.

import { invalidArgument } from '../errors.ts';

export const RAD_PER_DEG = Math.PI / 180;
export const DEG_PER_RAD = 180 / Math.PI;
export const RAD_PER_ARCSEC = Math.PI / 648000;
export const ARCSEC_PER_RAD = 648000 / Math.PI;

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i;
// a sign, then one to three numbers parted by ":" or blanks or unit letters; only the last may have a fraction
const HOURS = /^\+?(\d{1,2})(?:[\s:]+|\s*h\s*)(\d{1,2})(?:(?:[\s:]+|\s*m\s*)(\d{1,2}(?:\.\d*)?))?\s*[ms]?$/i;
const DEGREES = /^([+-]?)(\d{1,2})(?:[\s:]+|\s*[d°]\s*)(\d{1,2})(?:(?:[\s:]+|\s*[m'′]\s*)(\d{1,2}(?:\.\d*)?))?\s*(?:[ms'"′″])?$/i;

/** Right ascension in degrees, [0, 360), from "150.1", "10:00:24", "10 00 24" or "10h00m24s" (hours). 360 is 0. */
export function parseRaDeg(text: string, field = 'ra'): number {
  const trimmed = text.trim();
  if (DECIMAL.test(trimmed)) {
    const raDeg = Number(trimmed);
    if (!(raDeg >= 0 && raDeg <= 360)) throw invalidArgument(field, text, 'within 0 to 360 degrees');
    return raDeg === 360 ? 0 : raDeg + 0;
  }
  const parts = HOURS.exec(trimmed);
  if (parts === null) throw invalidArgument(field, text, 'decimal degrees or hours such as 10:00:24.5');
  const hours = sexagesimal(text, field, parts[1], parts[2], parts[3]);
  if (hours > 24) throw invalidArgument(field, text, 'within 0 to 24 hours');
  return hours === 24 ? 0 : hours * 15;
}

/** Declination in degrees, [-90, 90], from "-5.5", "-05:30:00", "-05 30 00" or "-05d30m00s". */
export function parseDecDeg(text: string, field = 'dec'): number {
  // the typographic minus sign comes with copied tables
  const trimmed = text.trim().replace(/^\u2212/, '-');
  const isDecimal = DECIMAL.test(trimmed);
  const parts = isDecimal ? null : DEGREES.exec(trimmed);
  if (!isDecimal && parts === null) throw invalidArgument(field, text, 'decimal degrees or degrees such as -05:30:00');
  const decDeg = parts === null ? Number(trimmed) : sexagesimal(text, field, parts[2], parts[3], parts[4]) * (parts[1] === '-' ? -1 : 1);
  if (!(decDeg >= -90 && decDeg <= 90)) throw invalidArgument(field, text, 'within -90 to 90 degrees');
  return decDeg + 0;
}

function sexagesimal(text: string, field: string, whole: string, minutes: string, seconds = '0'): number {
  const m = Number(minutes);
  const s = Number(seconds);
  if (m >= 60) throw invalidArgument(field, text, 'written with minutes below 60');
  if (s >= 60) throw invalidArgument(field, text, 'written with seconds below 60');
  return Number(whole) + (m * 60 + s) / 3600;
}
