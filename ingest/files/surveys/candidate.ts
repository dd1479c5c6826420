// A candidate as ZTF's packets write it, and the surveys that took over its field names (PGIR, WINTER,
// TURBO): flat fields jd, ra, dec, magpsf, sigmapsf, isdiffpos ... The differences between the surveys are
// values of a profile, not branches.
// Fields: github.com/ZwickyTransientFacility/ztf-avro-alert, schema/candidate.avsc and prv_candidate.avsc.

import { njyErrOfMagAb, njyOfMagAb } from '../../../src/model/photometry.ts';
import { magnitudeErrorOrNull, magnitudeOrNull, numberOrNull, textOrNull } from '../../../src/model/sentinels.ts';
import type { DetectionRow } from '../detectionBatch.ts';
import { midTaiOfUtc, mjdOfJd } from '../exposureTime.ts';
import { positionIn } from '../packet.ts';
import type { ReadOptions } from '../readOptions.ts';
import { type RecordFields, spelled } from '../recordFields.ts';
import { RowProblem } from '../text.ts';

export interface CandidateProfile {
  readonly survey: string;
  readonly station: string | null;
  readonly bandOf: (fields: RecordFields) => string | null;
  /** Where the packet gives no exposure time; NaN where the survey has no usual one: its time stays as given. */
  readonly nominalExptimeS: number;
  /** Whether magnitudes are AB, so that a flux follows from them. */
  readonly isAb: boolean;
  readonly reliabilityField: string;
  readonly exposureField: string;
  readonly detectorField: string;
}

const IS_POSITIVE: ReadonlyMap<string, boolean> = new Map([
  ...['t', 'true', 'True', '1', '1.0'].map((word) => [word, true] as const),
  ...['f', 'false', 'False', '0', '0.0', '-1', '-1.0'].map((word) => [word, false] as const),
]);

/** @param madeUpId The id where the table has no candid. */
export function candidateRowOf(
  fields: RecordFields,
  objectId: string | null,
  profile: CandidateProfile,
  options: ReadOptions,
  madeUpId: string | null = null,
): DetectionRow {
  const { survey, isAb } = profile;
  const sourceId = fields.integer('candid') ?? madeUpId;
  if (sourceId === null) throw new RowProblem('candid has no value');
  const mag = magnitudeOrNull(survey, firstNumber(fields, 'magpsf', 'mag'));
  const magErr = magnitudeErrorOrNull(survey, firstNumber(fields, 'sigmapsf', 'e_mag'), mag) ?? NaN;
  const sign = signOf(fields);
  const withFlux = isAb && mag !== null && sign !== 0;
  return {
    survey,
    sourceId,
    objectId,
    exposureId: fields.integer(profile.exposureField),
    detector: smallInteger(fields, profile.detectorField),
    station: profile.station ?? options.station ?? null,
    band: profile.bandOf(fields),
    kind: 'detection',
    ...candidateTime(fields, profile, options),
    ...positionIn(fields),
    diffFluxNjy: withFlux ? sign * njyOfMagAb(mag) : NaN,
    diffFluxErrNjy: withFlux ? njyErrOfMagAb(mag, magErr) : NaN,
    magAb: mag ?? NaN,
    magErr,
    magLimitAb: magnitudeOrNull(survey, fields.number('diffmaglim')) ?? NaN,
    snr: numberOrNull(survey, fields.number('scorr')) ?? NaN,
    reliability: scoreOrNaN(fields.number(profile.reliabilityField)),
  };
}

/** jd (or ALeRCE's mjd) is UTC at the start of the exposure. */
export function candidateTime(fields: RecordFields, profile: CandidateProfile, options: ReadOptions): { mjdTai: number; exptimeS: number } {
  const given = fields.number('exptime');
  const exptimeS = given > 0 ? given : (options.exptimeS ?? profile.nominalExptimeS);
  const reference = options.timeReference ?? (Number.isNaN(exptimeS) ? 'mid' : 'start');
  const jd = fields.number('jd');
  if (Number.isNaN(jd) && fields.has('mjd')) return { mjdTai: midTaiOfUtc('mjd', fields.number('mjd'), reference, exptimeS), exptimeS };
  return { mjdTai: midTaiOfUtc('jd', mjdOfJd('jd', jd), reference, exptimeS), exptimeS };
}

/** A score below 0 (-1, -999) says that there is none. */
function scoreOrNaN(score: number): number {
  return score >= 0 ? score : NaN;
}

/** 1, -1, or 0 where the packet does not say. */
function signOf(fields: RecordFields): number {
  const word = fields.text('isdiffpos');
  if (word === null) return 0;
  return spelled('isdiffpos', word, IS_POSITIVE) ? 1 : -1;
}

export function smallInteger(fields: RecordFields, name: string): number | null {
  const value = fields.integer(name);
  return value === null ? null : Number(value);
}

function firstNumber(fields: RecordFields, ...names: string[]): number {
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
