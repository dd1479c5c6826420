// Packets with shapes of their own: ATLAS (as ALeRCE gets them) and DESIRT (DECam). Both give a time as MJD
// and do not say of which part of the exposure; it is kept as it is, right to half an exposure.

import { magnitudeErrorOrNull, magnitudeOrNull, numberOrNull } from '../../../src/model/sentinels.ts';
import type { DetectionRow } from '../detectionBatch.ts';
import { midTaiOfUtc } from '../exposureTime.ts';
import { addPart, type PacketReader, positionIn, recordIn, recordsIn } from '../packet.ts';
import { type RecordFields, ValueFields } from '../recordFields.ts';
import { RowProblem } from '../text.ts';

const NJY_PER_UJY = 1_000;
/** The exposure's name starts with the telescope. */
const ATLAS_STATIONS: ReadonlyMap<string, string> = new Map([
  ['01', 'T08'],
  ['02', 'T05'],
  ['03', 'M22'],
  ['04', 'W68'],
]);

export const addAtlasPacket: PacketReader = (packet, place, batch) => {
  const candidate = recordIn(packet, 'candidate');
  const candid = candidate.text('candid');
  if (candid === null) throw new RowProblem('candid has no value');
  const mag = magnitudeOrNull('ATLAS', candidate.number('Mag'));
  batch.add(
    {
      survey: 'ATLAS',
      sourceId: candid,
      objectId: new ValueFields(packet).text('objectId'),
      station: ATLAS_STATIONS.get(candid.slice(0, 2)) ?? null,
      band: candidate.text('filter'),
      mjdTai: midTaiOfUtc('mjd', candidate.number('mjd'), 'mid', NaN),
      ...positionIn(candidate, 'RA', 'Dec'),
      // The sign is that of the flux: isdiffpos is t in the one packet whose flux is negative. A negative flux
      // has a negative magnitude and error too, for its size.
      diffFluxNjy: candidate.number('flux') * NJY_PER_UJY,
      diffFluxErrNjy: Math.abs(candidate.number('Dflux')) * NJY_PER_UJY,
      magAb: mag === null ? NaN : Math.abs(mag),
      magErr: magnitudeErrorOrNull('ATLAS', candidate.number('Dmag'), mag) ?? NaN,
      // 0 in every packet: it was not computed.
      reliability: candidate.number('rb') || NaN,
    },
    place,
  );
};

export const addDesirtPacket: PacketReader = (packet, place, batch, options) => {
  const candidate = recordIn(packet, 'candidate');
  const top = new ValueFields(packet);
  const candid = top.integer('candid');
  if (candid === null) throw new RowProblem('candid has no value');
  const alert: DetectionRow = {
    ...desirtRow(candidate, `desirt:${String(candid)}`, top.text('objectId'), positionIn(candidate)),
    reliability: numberOrNull(DESIRT, candidate.number('reliability')) ?? NaN,
  };
  batch.add(alert, place);
  if (options.history === false) return;
  recordsIn(packet, 'fp_hists').forEach((fields, i) => {
    addPart(batch, `${place}, fp_hists[${String(i)}]`, () => ({
      ...desirtRow(fields, `desirt:${String(candid)}:fp:${String(fields.number('mjd'))}`, alert.objectId ?? null, alert),
      kind: 'forced',
    }));
  });
};

const DESIRT = 'DECam/DESIRT';

function desirtRow(
  fields: RecordFields,
  sourceId: string,
  objectId: string | null,
  { raDeg, decDeg }: { raDeg: number; decDeg: number },
): DetectionRow {
  const mag = magnitudeOrNull(DESIRT, fields.number('forcediffimmag'));
  return {
    survey: DESIRT,
    sourceId,
    objectId,
    station: 'W84',
    band: fields.text('band'),
    mjdTai: midTaiOfUtc('mjd', fields.number('mjd'), 'mid', NaN),
    raDeg,
    decDeg,
    diffFluxNjy: fields.number('psfFlux'),
    diffFluxErrNjy: fields.number('psfFluxErr'),
    magAb: mag ?? NaN,
    magErr: magnitudeErrorOrNull(DESIRT, fields.number('forcediffimmagunc'), mag) ?? NaN,
    magLimitAb: magnitudeOrNull(DESIRT, fields.number('diffmaglim')) ?? NaN,
  };
}
