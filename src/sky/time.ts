// UTC, TAI and TT as Modified Julian Dates, and ISO 8601 text. Inside the service time is mjdTai.
//
// UTC as an MJD is ERFA's quasi-MJD: on a day with a leap second the fraction runs over 86401 s, so 23:59:60.5 is inside its day
// and every instant has one number. (Before 1972 the day is longer or shorter by the step at its end.)
// A float64 MJD resolves 0.63 us until 2038 and 1.26 us after; the functions round once and add no error of their own.
// Before 1960-01-01 UTC is not defined: TAI - UTC is held at its value of that day, 0.943482 s, so that time stays continuous.

import { AppError, shownValue } from '../errors.ts';
import { LEAP_SECONDS } from './leapSeconds.ts';

const SEC_PER_DAY = 86400;
const TT_MINUS_TAI_DAY = 32.184 / SEC_PER_DAY;

/** TAI - UTC in seconds. Before 1960 the value of 1960-01-01, 0.943482 s. */
export function leapSecondsAt(mjdUtc: number): number {
  const first = LEAP_SECONDS[0];
  const at = mjdUtc < first.mjdUtc ? first.mjdUtc : mjdUtc;
  // nearly all dates are after the last row, so search from the end
  let i = LEAP_SECONDS.length - 1;
  while (LEAP_SECONDS[i].mjdUtc > at) i--;
  const { offsetSec, driftMjd, driftSecPerDay } = LEAP_SECONDS[i];
  return offsetSec + (at - driftMjd) * driftSecPerDay;
}

// since the last leap second, which is nearly always, the difference is one number
const LAST = LEAP_SECONDS[LEAP_SECONDS.length - 1];
const LAST_OFFSET_DAY = LAST.offsetSec / SEC_PER_DAY;

/** TAI of a UTC; both MJD. */
export function taiOfUtc(mjdUtc: number): number {
  if (mjdUtc >= LAST.mjdUtc) return mjdUtc + LAST_OFFSET_DAY;
  const day = Math.floor(mjdUtc);
  const offsetSec = leapSecondsAt(day);
  return day + ((mjdUtc - day) * taiSecondsOfDay(day) + offsetSec) / SEC_PER_DAY;
}

/** UTC of a TAI; both MJD. During a leap second the answer is inside the day that ends with it. */
export function utcOfTai(mjdTai: number): number {
  if (mjdTai >= LAST.mjdUtc + LAST_OFFSET_DAY) return mjdTai - LAST_OFFSET_DAY;
  let day = Math.floor(mjdTai);
  let offsetSec = leapSecondsAt(day);
  let inDaySec = (mjdTai - day) * SEC_PER_DAY - offsetSec;
  if (inDaySec < 0) {
    // still the UTC day before: TAI is ahead by less than a minute
    inDaySec += SEC_PER_DAY + offsetSec;
    day -= 1;
    offsetSec = leapSecondsAt(day);
    inDaySec -= offsetSec;
  }
  return day + inDaySec / taiSecondsOfDay(day);
}

/** TT = TAI + 32.184 s. */
export function ttOfTai(mjdTai: number): number {
  return mjdTai + TT_MINUS_TAI_DAY;
}

export function taiOfTt(mjdTt: number): number {
  return mjdTt - TT_MINUS_TAI_DAY;
}

/** SI seconds in a UTC day: 86400, 86401 with a leap second, and what rate and steps made of it before 1972. */
function taiSecondsOfDay(day: number): number {
  return SEC_PER_DAY + leapSecondsAt(day + 1) - leapSecondsAt(day);
}

/** UTC seconds in a UTC day: like the above but without the drift of the rate before 1972. */
function utcSecondsOfDay(day: number): number {
  if (day >= LAST.mjdUtc || day < LEAP_SECONDS[0].mjdUtc) return SEC_PER_DAY;
  const start = leapSecondsAt(day);
  const drift = 2 * (leapSecondsAt(day + 0.5) - start);
  // the table has 7 digits; clear the rounding, so that an ordinary day has exactly 86400
  return SEC_PER_DAY + Math.round((leapSecondsAt(day + 1) - start - drift) * 1e7) / 1e7;
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}(?:\.\d*)?))?)?(?:Z|[+-]00:?00)?$/i;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * MJD (UTC) of ISO 8601 text: date, or date and time to the minute or second with any fraction, parted by T or a blank; Z may
 * be left out, other offsets are refused. A date that does not exist is refused, and so is second 60 unless a leap second was there.
 */
export function mjdOfIso(text: string): number {
  const parts = ISO.exec(text.trim());
  if (parts === null) throw notATime(text, 'must be ISO 8601 in UTC such as 2026-11-24T03:15:00.5Z');
  const year = Number(parts[1]);
  const month = Number(parts[2]);
  const dayOfMonth = Number(parts[3]);
  if (month < 1 || month > 12) throw notATime(text, 'has no such month');
  if (dayOfMonth < 1 || dayOfMonth > daysInMonth(year, month)) throw notATime(text, 'has no such day in its month');
  const day = mjdOfDate(year, month, dayOfMonth);
  if (parts[4] === undefined) return day;
  const hour = Number(parts[4]);
  const minute = Number(parts[5]);
  const second = Number(parts[6] ?? 0);
  if (hour > 23) throw notATime(text, 'has an hour above 23');
  if (minute > 59) throw notATime(text, 'has a minute above 59');
  const daySec = utcSecondsOfDay(day);
  const minuteSec = hour === 23 && minute === 59 ? 60 + daySec - SEC_PER_DAY : 60;
  if (second >= minuteSec) {
    throw notATime(text, second < 61 && second >= 60 ? 'has second 60 but no leap second was there' : 'has a second beyond its minute');
  }
  return day + (hour * 3600 + minute * 60 + second) / daySec;
}

/** ISO 8601 of an MJD (UTC) with 0 to 9 decimals of a second, rounded to nearest, with Z. */
export function isoOfMjd(mjdUtc: number, decimals: number): string {
  if (!(mjdUtc >= MJD_YEAR_0 && mjdUtc < MJD_YEAR_10000)) throw notATime(String(mjdUtc), 'is outside the years 0 to 9999');
  const perSecond = 10 ** decimals;
  let day = Math.floor(mjdUtc);
  let daySec = utcSecondsOfDay(day);
  let ticks = Math.round((mjdUtc - day) * daySec * perSecond);
  if (ticks >= Math.round(daySec * perSecond)) {
    day += 1;
    daySec = utcSecondsOfDay(day);
    ticks = 0;
  }
  const wholeSec = Math.floor(ticks / perSecond);
  // a leap second belongs to the last minute
  const hour = Math.min(23, Math.floor(wholeSec / 3600));
  const minute = Math.min(59, Math.floor(wholeSec / 60) - hour * 60);
  const second = wholeSec - hour * 3600 - minute * 60;
  const fraction = decimals === 0 ? '' : `.${String(ticks - wholeSec * perSecond).padStart(decimals, '0')}`;
  return `${isoDateOfMjd(day)}T${two(hour)}:${two(minute)}:${two(second)}${fraction}Z`;
}

const MJD_YEAR_0 = -678941;
const MJD_YEAR_10000 = 2973484;

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function daysInMonth(year: number, month: number): number {
  const isLeapYear = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && isLeapYear ? 29 : DAYS_IN_MONTH[month - 1];
}

/** Integer MJD of a date of the (proleptic) Gregorian calendar, counted in years that begin in March. */
function mjdOfDate(year: number, month: number, dayOfMonth: number): number {
  const y = month > 2 ? year : year - 1;
  const monthFromMarch = (month + 9) % 12;
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  // (153 m + 2) / 5 is the number of days before month m from March: 0, 31, 61, 92 ...
  return 365 * y + leapDays + Math.floor((153 * monthFromMarch + 2) / 5) + dayOfMonth - 678882;
}

function isoDateOfMjd(mjd: number): string {
  const fromMarch0 = mjd + 678881;
  // 400 years have 146097 days; inside them a year is found without a loop by taking the leap days out first
  const cycle = Math.floor(fromMarch0 / 146097);
  const dayOfCycle = fromMarch0 - cycle * 146097;
  const leapDays = Math.floor(dayOfCycle / 1460) - Math.floor(dayOfCycle / 36524) + Math.floor(dayOfCycle / 146096);
  const yearOfCycle = Math.floor((dayOfCycle - leapDays) / 365);
  const dayOfYear = dayOfCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = 400 * cycle + yearOfCycle + (month > 2 ? 0 : 1);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(dayOfMonth)}`;
}

function notATime(text: string, why: string): AppError {
  return new AppError('invalid_argument', `time ${shownValue(text)} ${why}`, {
    details: { field: 'time', value: shownValue(text), limit: why },
  });
}
