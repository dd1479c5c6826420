// Rubin/LSST packets, schema versions 7 to 11: diaSource, prvDiaSources, prvDiaForcedSources and, in version
// 7, prvDiaNondetectionLimits. Times are TAI at mid-exposure, fluxes nJy. github.com/lsst/alert_packet

import { magAbOfNjy, magErrOfNjy } from '../../../src/model/photometry.ts';
import type { DetectionRow } from '../detectionBatch.ts';
import { checkedMjd } from '../exposureTime.ts';
import { addPart, type PacketReader, positionIn, recordIn, recordsIn } from '../packet.ts';
import { type RecordFields, required } from '../recordFields.ts';
import { RowProblem } from '../text.ts';
import { smallInteger } from './candidate.ts';

const ARCSEC_PER_DEG = 3_600;

/** Bit 0 first. The order is ours and stays: names are only ever added at the end. */
const FLAG_BITS = [
  'centroid_flag',
  'apFlux_flag',
  'apFlux_flag_apertureTruncated',
  'psfFlux_flag',
  'psfFlux_flag_edge',
  'psfFlux_flag_noGoodPixels',
  'trail_flag_edge',
  'forced_PsfFlux_flag',
  'forced_PsfFlux_flag_edge',
  'forced_PsfFlux_flag_noGoodPixels',
  'shape_flag',
  'shape_flag_no_pixels',
  'shape_flag_not_contained',
  'shape_flag_parent_source',
  'isDipole',
  'isNegative',
  'pixelFlags',
  'pixelFlags_bad',
  'pixelFlags_cr',
  'pixelFlags_crCenter',
  'pixelFlags_edge',
  'pixelFlags_nodata',
  'pixelFlags_nodataCenter',
  'pixelFlags_interpolated',
  'pixelFlags_interpolatedCenter',
  'pixelFlags_offimage',
  'pixelFlags_saturated',
  'pixelFlags_saturatedCenter',
  'pixelFlags_suspect',
  'pixelFlags_suspectCenter',
  'pixelFlags_streak',
  'pixelFlags_streakCenter',
  'pixelFlags_injected',
  'pixelFlags_injectedCenter',
  'pixelFlags_injected_template',
  'pixelFlags_injected_templateCenter',
  'glint_trail',
] as const;

export const addLsstPacket: PacketReader = (packet, place, batch, options) => {
  const alert = sourceRow(recordIn(packet, 'diaSource'));
  batch.add(alert, place);
  if (options.history === false) return;
  recordsIn(packet, 'prvDiaSources').forEach((fields, i) => {
    addPart(batch, `${place}, prvDiaSources[${String(i)}]`, () => sourceRow(fields));
  });
  recordsIn(packet, 'prvDiaForcedSources').forEach((fields, i) => {
    addPart(batch, `${place}, prvDiaForcedSources[${String(i)}]`, () => forcedRow(fields, alert));
  });
  recordsIn(packet, 'prvDiaNondetectionLimits').forEach((fields, i) => {
    addPart(batch, `${place}, prvDiaNondetectionLimits[${String(i)}]`, () => limitRow(fields, alert));
  });
};

/** A diaSource, of a packet or of a flat table. */
export function sourceRow(fields: RecordFields): DetectionRow {
  const sourceId = fields.integer('diaSourceId');
  if (sourceId === null) throw new RowProblem('diaSourceId has no value');
  return {
    sourceId,
    objectId: idOrNull(fields, 'diaObjectId') ?? idOrNull(fields, 'ssObjectId'),
    ...measured(fields),
    ...positionIn(fields),
    raErrArcsec: fields.number('raErr') * ARCSEC_PER_DEG,
    decErrArcsec: fields.number('decErr') * ARCSEC_PER_DEG,
    snr: fields.number('snr'),
    reliability: fields.number('reliability'),
    trailLenArcsec: fields.number('trailLength'),
    trailPaDeg: fields.number('trailAngle'),
    flags: flagsOf(fields),
  };
}

/**
 * Forced sources count on their own, so their numbers meet those of diaSources: as text with a prefix they do
 * not. Early schemas give them no position; they are measured at that of their object.
 */
function forcedRow(fields: RecordFields, alert: DetectionRow): DetectionRow {
  const id = fields.integer('diaForcedSourceId');
  if (id === null) throw new RowProblem('diaForcedSourceId has no value');
  const hasPosition = !Number.isNaN(fields.number('ra'));
  return {
    sourceId: `forced:${String(id)}`,
    objectId: idOrNull(fields, 'diaObjectId') ?? alert.objectId ?? null,
    ...measured(fields),
    ...(hasPosition ? positionIn(fields) : { raDeg: alert.raDeg, decDeg: alert.decDeg }),
    kind: 'forced',
  };
}

/** The noise of the difference image; the limit is five times that. */
function limitRow(fields: RecordFields, alert: DetectionRow): DetectionRow {
  const mjdTai = checkedMjd('midpointMjdTai', fields.number('midpointMjdTai'));
  return {
    survey: 'LSST',
    sourceId: `${alert.objectId ?? String(alert.sourceId)}:ul:${String(mjdTai)}`,
    objectId: alert.objectId ?? null,
    station: 'X05',
    band: fields.text('band'),
    kind: 'upper_limit',
    mjdTai,
    raDeg: alert.raDeg,
    decDeg: alert.decDeg,
    magLimitAb: magAbOfNjy(5 * required('diaNoise', fields.number('diaNoise'))),
  };
}

function measured(fields: RecordFields): Omit<DetectionRow, 'sourceId' | 'raDeg' | 'decDeg'> {
  const flux = fields.number('psfFlux');
  const fluxErr = fields.number('psfFluxErr');
  return {
    survey: 'LSST',
    station: 'X05',
    exposureId: fields.integer('visit') ?? fields.integer('ccdVisitId'),
    detector: smallInteger(fields, 'detector'),
    band: fields.text('band'),
    mjdTai: checkedMjd('midpointMjdTai', fields.number('midpointMjdTai')),
    diffFluxNjy: flux,
    diffFluxErrNjy: fluxErr,
    sciFluxNjy: fields.number('scienceFlux'),
    sciFluxErrNjy: fields.number('scienceFluxErr'),
    magAb: flux > 0 ? magAbOfNjy(flux) : NaN,
    magErr: flux > 0 ? magErrOfNjy(flux, fluxErr) : NaN,
  };
}

/** 0 stands for none. */
function idOrNull(fields: RecordFields, name: string): string | null {
  const id = fields.integer(name);
  return id === null || id === 0n ? null : String(id);
}

function flagsOf(fields: RecordFields): bigint {
  let flags = 0n;
  FLAG_BITS.forEach((name, bit) => {
    if (fields.text(name) === 'true') flags |= 1n << BigInt(bit);
  });
  return flags;
}
