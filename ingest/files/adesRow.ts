// One observation in ADES terms (element names of ADES 2017 and 2022), from PSV, XML or a CSV with those
// names. obsTime is UTC at mid-exposure and ends in Z; ra and dec are ICRS degrees.
// https://github.com/IAU-ADES/ADES-Master (ADES_Description.pdf)

import { magnitudeErrorOrNull, magnitudeOrNull } from '../../src/model/sentinels.ts';
import { mjdOfIso } from '../../src/sky/time.ts';
import type { DetectionRow } from './detectionBatch.ts';
import { midTaiOfUtc } from './exposureTime.ts';
import type { ReadOptions } from './readOptions.ts';
import { type RecordFields, required } from './recordFields.ts';
import { quoted, RowProblem, trimBlanks } from './text.ts';

const OBS_TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z$/;

/** @param madeUpId The id where the row has no obsID. */
export function adesRowOf(fields: RecordFields, madeUpId: string, options: ReadOptions): DetectionRow {
  const survey = options.survey ?? 'MPC';
  const magAb = magnitudeOrNull(survey, fields.number('mag'));
  const logSnr = fields.number('logSNR');
  return {
    survey,
    sourceId: fields.text('obsID') ?? madeUpId,
    // Permanent number first, then provisional designation, then the observer's own name for the tracklet.
    objectId: trimmedOrNull(fields, 'permID', 'ObjID', 'provID', 'provid', 'artSat', 'trkSub'),
    station: trimmedOrNull(fields, 'stn') ?? options.station ?? null,
    band: trimmedOrNull(fields, 'band'),
    mjdTai: midTaiOfUtc('obsTime', mjdOfObsTime(trimBlanks(fields.text('obsTime') ?? '')), 'mid', NaN),
    raDeg: required('ra', fields.number('ra')),
    decDeg: required('dec', fields.number('dec')),
    exptimeS: fields.number('exp'),
    raErrArcsec: fields.number('rmsRA'),
    decErrArcsec: fields.number('rmsDec'),
    magAb: magAb ?? NaN,
    magErr: magnitudeErrorOrNull(survey, fields.number('rmsMag'), magAb) ?? NaN,
    snr: Number.isNaN(logSnr) ? NaN : 10 ** logSnr,
  };
}

function mjdOfObsTime(text: string): number {
  if (text === '') throw new RowProblem('obsTime has no value');
  if (!OBS_TIME.test(text)) throw new RowProblem(`obsTime is ${quoted(text)}, must look like 2025-06-14T06:02:50.99Z`);
  return mjdOfIso(text);
}

function trimmedOrNull(fields: RecordFields, ...names: string[]): string | null {
  for (const name of names) {
    const text = trimBlanks(fields.text(name) ?? '');
    if (text !== '') return text;
  }
  return null;
}
