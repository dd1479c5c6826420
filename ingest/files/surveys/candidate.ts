// A candidate as ZTF's packets write it, and the surveys that took over its field names (PGIR, WINTER,
// TURBO): flat fields jd, ra, dec, magpsf, sigmapsf, isdiffpos ... The differences between the surveys are
// values of a profile, not branches.
// Fields: github.com/ZwickyTransientFacility/ztf-avro-alert, schema/candidate.avsc and prv_candidate.avsc.

import { njyErrOfMagAb, njyOfMagAb } from '../../../src/model/photometry.ts';
import { magnitudeErrorOrNull, magnitudeOrNull, numberOrNull, textOrNull } from '../../../src/model/sentinels.ts';
import { type DetectionRow, wrappedRaDeg } from '../detectionBatch.ts';
import { midTaiOfUtc, mjdOfJd } from '../exposureTime.ts';
import type { ReadOptions } from '../readOptions.ts';
import { type RecordFields, required, spelled } from '../recordFields.ts';
import { RowProblem } from '../text.ts';

export interface CandidateProfile {
  readonly survey: string;
  readonly station: string | null;
  readonly bandOf: (fields: RecordFields) => string | null;
  /** Where the packet gives no exposure time; NaN where the survey has no usual one. */
  readonly nominalExptimeS: number;
  readonly reliabilityField: string;
  readonly exposureField: string;
  readonly detectorField: string;
}

const IS_POSITIVE: ReadonlyMap<string, boolean> = new Map([
  ...['t', 'true', 'True', '1', '1.0'].map((word) => [word, true] as const),
  ...['f', 'false', 'False', '0', '0.0', '-1', '-1.0'].map((word) => [word, false] as const),
]);

export function candidateRowOf(
  fields: RecordFields,
  objectId: string | null,
  profile: CandidateProfile,
  options: ReadOptions,
): DetectionRow {
  const survey = profile.survey;
  const candid = fields.integer('candid');
  if (candid === null) throw new RowProblem('candid has no value');
  const mag = magnitudeOrNull(survey, firstNumber(fields, 'magpsf', 'mag'));
  const magAb = mag ?? NaN;
  const magErr = magnitudeErrorOrNull(survey, firstNumber(fields, 'sigmapsf', 'e_mag'), mag) ?? NaN;
  const positive = fields.text('isdiffpos');
  const sign = positive === null ? NaN : spelled('isdiffpos', positive, IS_POSITIVE) ? 1 : -1;
  const { mjdTai, exptimeS } = candidateTime(fields, profile, options);
  return {
    survey,
    sourceId: candid,
    objectId,
    exposureId: fields.integer(profile.exposureField),
    detector: smallInteger(fields, profile.detectorField),
    station: profile.station ?? options.station ?? null,
    band: profile.bandOf(fields),
    kind: 'detection',
    mjdTai,
    exptimeS,
    raDeg: wrappedRaDeg(required('ra', fields.number('ra'))),
    decDeg: required('dec', fields.number('dec')),
    diffFluxNjy: sign * njyOfMagAb(magAb),
    diffFluxErrNjy: Number.isNaN(sign) ? NaN : njyErrOfMagAb(magAb, magErr),
    magAb,
    magErr,
    magLimitAb: magnitudeOrNull(survey, fields.number('diffmaglim')) ?? NaN,
    snr: numberOrNull(survey, fields.number('scorr')) ?? NaN,
    reliability: numberOrNull(survey, fields.number(profile.reliabilityField)) ?? NaN,
  };
}

/** jd (or ALeRCE's mjd) is UTC at the start of the exposure. */
export function candidateTime(fields: RecordFields, profile: CandidateProfile, options: ReadOptions): { mjdTai: number; exptimeS: number } {
  const given = fields.number('exptime');
  const exptimeS = given > 0 ? given : (options.exptimeS ?? profile.nominalExptimeS);
  const reference = options.timeReference ?? (Number.isNaN(exptimeS) ? 'mid' : 'start');
  const jd = fields.number('jd');
  const mjdUtc = Number.isNaN(jd) ? fields.number('mjd') : mjdOfJd('jd', jd);
  const name = Number.isNaN(jd) && fields.has('mjd') ? 'mjd' : 'jd';
  return { mjdTai: midTaiOfUtc(name, mjdUtc, reference, exptimeS), exptimeS };
}

export function smallInteger(fields: RecordFields, name: string): number | null {
  const value = fields.integer(name);
  return value === null ? null : Number(value);
}

export function firstNumber(fields: RecordFields, ...names: string[]): number {
  for (const name of names) {
    const value = fields.number(name);
    if (!Number.isNaN(value)) return value;
  }
  return NaN;
}

/** The first of these fields that names something; packets write `null` and `None` for no name. */
export function nameOrNull(fields: RecordFields, ...names: string[]): string | null {
  for (const name of names) {
    const text = textOrNull(fields.text(name) ?? '');
    if (text !== null) return text;
  }
  return null;
}
