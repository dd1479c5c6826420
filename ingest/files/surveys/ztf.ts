// ZTF, and the surveys whose packets have its shape. Times are UTC at the start of the exposure in all of
// them (the doc of `jd` in their schemas).

import type { BatchBuilder, DetectionRow } from '../detectionBatch.ts';
import { addPart, type PacketReader } from '../packet.ts';
import type { ReadOptions } from '../readOptions.ts';
import { type RecordFields, spelled, ValueFields } from '../recordFields.ts';
import { type CandidateProfile, candidateRowOf, nameOrNull } from './candidate.ts';
import { addCandidatePacket } from './candidatePacket.ts';

const ZTF_BANDS: ReadonlyMap<string, string> = new Map([
  ['1', 'g'],
  ['2', 'r'],
  ['3', 'i'],
]);
const WINTER_BANDS: ReadonlyMap<string, string> = new Map([
  ['0', 'Y'],
  ['1', 'J'],
  ['2', 'H'],
  ['3', 'K'],
]);

const ZTF: CandidateProfile = {
  survey: 'ZTF',
  station: 'I41',
  bandOf: (fields) => bandOfFid(fields, ZTF_BANDS),
  // Not in histories, nor before schema 3.3; every exposure of the public survey takes 30 s.
  nominalExptimeS: 30,
  isAb: true,
  // drb is the better score, and no history has it.
  reliabilityField: 'rb',
  exposureField: 'pid',
  detectorField: 'rcid',
};

/** Palomar Gattini-IR: J, on the Vega scale of 2MASS. */
const PGIR: CandidateProfile = {
  survey: 'PGIR',
  station: '675',
  bandOf: () => 'J',
  // The stack of every packet; histories do not give it.
  nominalExptimeS: 71.262_908_935_546_88,
  isAb: false,
  reliabilityField: 'drb',
  exposureField: 'stackquadid',
  detectorField: 'subquadpos',
};

const WINTER: CandidateProfile = {
  survey: 'WINTER',
  station: '675',
  bandOf: (fields) => bandOfFid(fields, WINTER_BANDS),
  nominalExptimeS: 120,
  isAb: false,
  reliabilityField: 'rb',
  exposureField: 'pid',
  detectorField: 'rcid',
};

/** Test packets; their schema copies WINTER's text on filters, so the band is not known. */
const TURBO: CandidateProfile = { ...WINTER, survey: 'TURBO', station: null, bandOf: () => null, nominalExptimeS: NaN };

/** A row of a flat table with ZTF's names. `oid` is ALeRCE's name of the object id. */
export function ztfTableRowOf(fields: RecordFields, options: ReadOptions): DetectionRow {
  return candidateRowOf(fields, nameOrNull(fields, 'objectId', 'oid'), ZTF, options);
}

/**
 * A row of Fink's tables of asteroids: an object with its detections as lists of one length. They carry no
 * candid, so the id is made of what they have.
 */
export function asteroidRows(row: Readonly<Record<string, unknown>>, place: string, batch: BatchBuilder, options: ReadOptions): void {
  const name = row['ssnamenr'];
  const lists = Object.entries(row).filter(([, value]) => Array.isArray(value)) as [string, unknown[]][];
  const [first] = lists;
  if (typeof name !== 'string' || lists.some(([, list]) => list.length !== first[1].length)) {
    batch.reject(place, 'has no ssnamenr, or lists of different lengths');
    return;
  }
  first[1].forEach((_, i) => {
    // cjd, cra ... are the jd, ra ... of a candidate
    const fields = new ValueFields(new Map(lists.map(([column, list]) => [column.slice(1), list[i]])));
    addPart(batch, `${place}, detection ${String(i)}`, () =>
      candidateRowOf(fields, name, ZTF, options, `${name}:${String(fields.number('jd'))}`),
    );
  });
}

export const addZtfPacket: PacketReader = (packet, place, batch, options) => {
  addCandidatePacket(packet, place, batch, ZTF, { isCandidTwice: true }, options);
};

export const addPgirPacket: PacketReader = (packet, place, batch, options) => {
  addCandidatePacket(packet, place, batch, PGIR, { isCandidTwice: true }, options);
};

export const addWinterPacket: PacketReader = (packet, place, batch, options) => {
  addCandidatePacket(packet, place, batch, WINTER, { isCandidTwice: true }, options);
};

/** Their two candids always differ. */
export const addTurboPacket: PacketReader = (packet, place, batch, options) => {
  addCandidatePacket(packet, place, batch, TURBO, { isCandidTwice: false }, options);
};

function bandOfFid(fields: RecordFields, bands: ReadonlyMap<string, string>): string | null {
  const fid = fields.integer('fid');
  return fid === null ? null : spelled('fid', String(fid), bands);
}
