// An alert packet of ZTF's shape: `candidate`, `prv_candidates` (earlier detections where candid is set, else
// limits of exposures that showed nothing) and, since ZTF 4.01, `fp_hists` (forced photometry).
//
// The same detection comes again in the history of every later packet of its object, so a row of the history
// must equal the row of its own packet, or every packet would be in conflict with the one before. What is not
// in both (drb, the exposure time) is therefore not taken from either.

import { njyOfMagAb } from '../../../src/model/photometry.ts';
import { magnitudeOrNull } from '../../../src/model/sentinels.ts';
import { ARCSEC_PER_RAD } from '../../../src/sky/angle.ts';
import { separationRad } from '../../../src/sky/cone.ts';
import { unitVector } from '../../../src/sky/vector.ts';
import type { BatchBuilder, DetectionRow } from '../detectionBatch.ts';
import { addPart, type PacketRecord, recordIn, recordsIn } from '../packet.ts';
import type { ReadOptions } from '../readOptions.ts';
import { type RecordFields, ValueFields } from '../recordFields.ts';
import { RowProblem } from '../text.ts';
import { type CandidateProfile, candidateRowOf, candidateTime, nameOrNull, smallInteger } from './candidate.ts';

/** ZTF associates within 1.5 arcsec; the history of commissioning packets holds neighbours up to 30 arcmin off. */
const SAME_OBJECT_ARCSEC = 5;

export interface PacketRules {
  /** `candid` stands twice in a packet; whether the two must be equal. */
  readonly isCandidTwice: boolean;
}

export function addCandidatePacket(
  packet: PacketRecord,
  place: string,
  batch: BatchBuilder,
  profile: CandidateProfile,
  rules: PacketRules,
  options: ReadOptions,
): void {
  const top = new ValueFields(packet);
  const candidate = recordIn(packet, 'candidate');
  const objectId = nameOrNull(top, 'objectId', 'objectid');
  const own = candidateRowOf(candidate, objectId, profile, options);
  const alert = { ...own, sourceId: top.integer('candid') ?? own.sourceId };
  batch.add(alert, place);
  if (rules.isCandidTwice && alert.sourceId !== own.sourceId) {
    // The detection is kept under the packet's number; that the other was not taken must be said.
    batch.reject(place, `candidate.candid is ${String(own.sourceId)}, the packet's candid is ${String(alert.sourceId)} and was taken`);
  }
  if (options.history === false) return;

  const earlier = recordsIn(packet, 'prv_candidates');
  const detections = [alert];
  const limits: { fields: RecordFields; place: string }[] = [];
  earlier.forEach((fields, i) => {
    const partPlace = `${place}, prv_candidates[${String(i)}]`;
    if (fields.integer('candid') === null) {
      limits.push({ fields, place: partPlace });
      return;
    }
    addPart(batch, partPlace, () => {
      const row = candidateRowOf(fields, objectId, profile, options);
      if (!isSameObject(row, alert)) return { ...row, objectId: null };
      detections.push(row);
      return row;
    });
  });
  detections.sort((a, b) => a.mjdTai - b.mjdTai);
  for (const limit of limits) addPart(batch, limit.place, () => limitRow(limit.fields, detections, alert, profile, options));
  recordsIn(packet, 'fp_hists').forEach((fields, i) => {
    addPart(batch, `${place}, fp_hists[${String(i)}]`, () => forcedRow(fields, alert, profile, options));
  });
}

/**
 * An exposure that showed nothing has no position of its own. It is put where the object was detected next:
 * every packet that tells of it has that detection too, so all put it at the same place.
 */
function limitRow(
  fields: RecordFields,
  detections: readonly DetectionRow[],
  alert: DetectionRow,
  profile: CandidateProfile,
  options: ReadOptions,
): DetectionRow {
  const time = candidateTime(fields, profile, options);
  const { raDeg, decDeg } = detections.find(({ mjdTai }) => mjdTai >= time.mjdTai) ?? alert;
  const magLimitAb = magnitudeOrNull(profile.survey, fields.number('diffmaglim'));
  if (magLimitAb === null) throw new RowProblem('neither candid nor diffmaglim has a value');
  return {
    survey: profile.survey,
    sourceId: `${alert.objectId ?? String(alert.sourceId)}:ul:${String(fields.number('jd'))}`,
    objectId: alert.objectId ?? null,
    exposureId: fields.integer(profile.exposureField),
    detector: smallInteger(fields, profile.detectorField),
    station: alert.station ?? null,
    band: profile.bandOf(fields),
    kind: 'upper_limit',
    ...time,
    raDeg,
    decDeg,
    magLimitAb,
  };
}

/** Measured for this alert at its position; the next alert brings another measurement of the same exposure. */
function forcedRow(fields: RecordFields, alert: DetectionRow, profile: CandidateProfile, options: ReadOptions): DetectionRow | null {
  const flux = fields.number('forcediffimflux');
  const zeroPoint = fields.number('magzpsci');
  const hasFlux = flux > -99_998 && !Number.isNaN(zeroPoint);
  // -99999: nothing could be measured (procstatus says why).
  if (!hasFlux) return null;
  const fluxErr = fields.number('forcediffimfluxunc');
  const njyPerCount = njyOfMagAb(zeroPoint);
  return {
    survey: profile.survey,
    sourceId: `${String(alert.sourceId)}:fp:${String(fields.number('jd'))}`,
    objectId: alert.objectId ?? null,
    exposureId: fields.integer(profile.exposureField),
    detector: smallInteger(fields, profile.detectorField),
    station: alert.station ?? null,
    band: profile.bandOf(fields),
    kind: 'forced',
    ...candidateTime(fields, profile, options),
    raDeg: alert.raDeg,
    decDeg: alert.decDeg,
    diffFluxNjy: flux * njyPerCount,
    diffFluxErrNjy: fluxErr >= 0 ? fluxErr * njyPerCount : NaN,
    magLimitAb: magnitudeOrNull(profile.survey, fields.number('diffmaglim')) ?? NaN,
    snr: fluxErr > 0 ? flux / fluxErr : NaN,
  };
}

function isSameObject(row: DetectionRow, alert: DetectionRow): boolean {
  const apart = separationRad(unitVector(row.raDeg, row.decDeg), unitVector(alert.raDeg, alert.decDeg));
  return apart * ARCSEC_PER_RAD <= SAME_OBJECT_ARCSEC;
}
