// The MPC's 80-column lines of optical observations. Columns (from 1): 1-5 number, 6-12 designation, 13
// discovery, 14 and 15 notes, 16-32 date, 33-44 right ascension, 45-56 declination, 66-70 magnitude, 71 band,
// 78-80 observatory. https://minorplanetcenter.net/iau/info/OpticalObs.html
//
// Satellites (note S) and roving observers (V) write a second line with their own place: it belongs to the line
// before it. The hour of a right ascension alone carries its sign: -2 54 23.5 is -2h + 54m + 23.5s, as files of
// DES need it (the sign over the whole throws DES0794 30 degrees off between two nights).

import { isAscii } from 'node:buffer';
import { magnitudeOrNull } from '../../src/model/sentinels.ts';
import { mjdOfIso } from '../../src/sky/time.ts';
import { BatchBuilder, type DetectionRow, type FileBatch } from './detectionBatch.ts';
import { midTaiOfUtc } from './exposureTime.ts';
import { linesOf } from './lines.ts';
import { unpackedDesignation } from './mpcDesignation.ts';
import { addPart } from './packet.ts';
import type { ReadOptions } from './readOptions.ts';
import { decimalOf, quoted, RowProblem } from './text.ts';

const LINE_LENGTH = 80;
const DATE = /^([0-9]{4}) ([0-9]{2}) ([0-9]{2})(\.[0-9]{0,6})? *$/;
// Seconds of 60.0 are what rounding makes of 59.999: seen in files of DES.
const RIGHT_ASCENSION = /^([ +-]?[0-9]{1,2}) (?:([0-5][0-9]) ([0-5][0-9](?:\.[0-9]*)?|60(?:\.0*)?)|([0-5][0-9]\.[0-9]*)) *$/;
const DECLINATION = /^([+-])([0-9]{2}) (?:([0-5][0-9]) ([0-5][0-9](?:\.[0-9]*)?|60(?:\.0*)?)|([0-5][0-9](?:\.[0-9]*)?)) *$/;
/** Lines that a report may have around its observations. */
const REPORT_HEADER = /^(?:COD|CON|OBS|MEA|TEL|NET|ACK|AC2|COM|NUM|BND) /;

export async function* readMpc80(chunks: AsyncIterable<Uint8Array>, options: ReadOptions, fileName: string): AsyncGenerator<FileBatch> {
  const batch = new BatchBuilder();
  let first: string | null = null;
  for await (const { line, bytes, isTooLong } of linesOf(chunks)) {
    const text = isTooLong ? '' : bytes.toString('latin1').replace(/\r$/, '');
    const previous = first;
    first = null;
    if (isTooLong || text.trimEnd().length > LINE_LENGTH) {
      batch.reject(line, `has ${isTooLong ? 'more than a million' : String(text.length)} characters, must have ${String(LINE_LENGTH)}`);
    } else if (!isAscii(bytes)) {
      batch.reject(line, 'holds a character that is not ASCII');
    } else if (text.trim() !== '' && !REPORT_HEADER.test(text)) {
      if (!isSecondLine(text)) {
        first = text;
        addPart(batch, line, () => rowOf(text, `${fileName}:${String(line)}`, options));
      } else if (previous === null || previous.slice(0, 12) !== text.slice(0, 12) || previous[14].toLowerCase() !== text[14]) {
        batch.reject(line, `is the second line of a record whose first line is not before it`);
      }
    }
    if (batch.isFull) yield* batch.takeFull();
  }
  yield* batch.takeAll();
}

/** The observer's place: note 2 in lower case. */
function isSecondLine(text: string): boolean {
  return 'svr'.includes(text[14] || ' ') && text.length >= 15;
}

function rowOf(text: string, sourceId: string, options: ReadOptions): DetectionRow {
  if (/[\t\0]/.test(text)) throw new RowProblem('holds a tab or NUL, must have blanks');
  if (text.length !== LINE_LENGTH) throw new RowProblem(`has ${String(text.length)} characters, must have ${String(LINE_LENGTH)}`);
  const note = text[14];
  if (note === 'R') throw new RowProblem('is a radar observation, which has no position');
  if (note === 'X' || note === 'x') throw new RowProblem('is marked as replaced (note X)');
  const survey = options.survey ?? 'MPC';
  const station = text.slice(77, 80).trim();
  if (!/^[0-9A-Z][0-9A-Za-z]{2}$/.test(station))
    throw new RowProblem(`station is ${quoted(text.slice(77, 80))}, must be an observatory code`);
  const magnitude = text.slice(65, 70).trim();
  return {
    survey,
    sourceId,
    objectId: unpackedDesignation(text.slice(0, 5), text.slice(5, 12)),
    station,
    band: text[70].trim(),
    mjdTai: midTaiOfUtc('date', mjdOf(text.slice(15, 32)), 'mid', NaN),
    raDeg: raDegOf(text.slice(32, 44)),
    decDeg: decDegOf(text.slice(44, 56)),
    magAb: magnitude === '' ? NaN : (magnitudeOrNull(survey, decimalOf('magnitude', magnitude)) ?? NaN),
  };
}

function mjdOf(text: string): number {
  const parts = DATE.exec(text);
  if (parts === null) throw new RowProblem(`date is ${quoted(text)}, must be YYYY MM DD.dddddd`);
  const [, year, month, day, fraction = ''] = parts;
  return mjdOfIso(`${year}-${month}-${day}T00:00:00Z`) + Number(`0${fraction}`);
}

function raDegOf(text: string): number {
  const parts = RIGHT_ASCENSION.exec(text);
  if (parts === null) throw new RowProblem(`right ascension is ${quoted(text)}, must be HH MM SS.ddd`);
  const [, hour, minute = '', second = '', minutes = ''] = parts;
  const hours = Number(hour) + (minutes === '' ? Number(minute) / 60 + Number(second) / 3600 : Number(minutes) / 60);
  if (hours < -24 || hours >= 24) throw new RowProblem(`right ascension is ${quoted(text)}, must be below 24 hours`);
  const raDeg = hours * 15;
  return raDeg < 0 ? raDeg + 360 : raDeg;
}

function decDegOf(text: string): number {
  const parts = DECLINATION.exec(text);
  if (parts === null) throw new RowProblem(`declination is ${quoted(text)}, must be sDD MM SS.dd`);
  const [, sign, degree, minute = '', second = '', minutes = ''] = parts;
  const degrees = Number(degree) + (minutes === '' ? Number(minute) / 60 + Number(second) / 3600 : Number(minutes) / 60);
  if (degrees > 90) throw new RowProblem(`declination is ${quoted(text)}, must be from -90 to 90`);
  return sign === '-' ? -degrees : degrees;
}
