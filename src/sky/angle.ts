// Units of angle, and the two ways people write a position: decimal degrees, or sexagesimal (hours for
// right ascension, degrees for declination). Inside the service degrees exist only at the edge.

import { invalidArgument } from '../errors.ts';

export const RAD_PER_DEG = Math.PI / 180;
export const DEG_PER_RAD = 180 / Math.PI;
export const RAD_PER_ARCSEC = Math.PI / 648000;
export const ARCSEC_PER_RAD = 648000 / Math.PI;

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i;
// numbers parted by ":" or blanks or unit letters; only the last may have a fraction
const HOURS = /^\+?(\d{1,2})(?:[\s:]+|\s*h\s*)(\d{1,2})(?:\s*m|(?:[\s:]+|\s*m\s*)(\d{1,2}(?:\.\d*)?)\s*s?)?$/i;
const DEGREES = /^([+-]?)(\d{1,2})(?:[\s:]+|\s*[d°]\s*)(\d{1,2})(?:\s*[m'′]|(?:[\s:]+|\s*[m'′]\s*)(\d{1,2}(?:\.\d*)?)\s*[s"″]?)?$/i;

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
  const raDeg = Number(parts[1]) * 15 + secondsPast(text, field, parts[2], parts[3]) / 240;
  if (raDeg > 360) throw invalidArgument(field, text, 'within 0 to 24 hours');
  return raDeg === 360 ? 0 : raDeg;
}

/** Declination in degrees, [-90, 90], from "-5.5", "-05:30:00", "-05 30 00" or "-05d30m00s". */
export function parseDecDeg(text: string, field = 'dec'): number {
  // the typographic minus sign comes with copied tables
  const trimmed = text.trim().replace(/^\u2212/, '-');
  const isDecimal = DECIMAL.test(trimmed);
  const parts = isDecimal ? null : DEGREES.exec(trimmed);
  if (!isDecimal && parts === null) throw invalidArgument(field, text, 'decimal degrees or degrees such as -05:30:00');
  const decDeg =
    parts === null ? Number(trimmed) : signed(parts[1], Number(parts[2]) + secondsPast(text, field, parts[3], parts[4]) / 3600);
  if (!(decDeg >= -90 && decDeg <= 90)) throw invalidArgument(field, text, 'within -90 to 90 degrees');
  return decDeg + 0;
}

function secondsPast(text: string, field: string, minutes: string, seconds = '0'): number {
  const m = Number(minutes);
  const s = Number(seconds);
  if (m >= 60) throw invalidArgument(field, text, 'written with minutes below 60');
  if (s >= 60) throw invalidArgument(field, text, 'written with seconds below 60');
  return m * 60 + s;
}

function signed(sign: string, value: number): number {
  return sign === '-' ? -value : value;
}
