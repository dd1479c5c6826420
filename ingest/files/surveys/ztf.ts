// ZTF: tables of candidates (Fink, ALeRCE) and alert packets of every schema version.

import type { DetectionRow } from '../detectionBatch.ts';
import type { ReadOptions } from '../readOptions.ts';
import { type RecordFields, spelled } from '../recordFields.ts';
import { type CandidateProfile, candidateRowOf, nameOrNull } from './candidate.ts';

const BANDS: ReadonlyMap<string, string> = new Map([
  ['1', 'g'],
  ['2', 'r'],
  ['3', 'i'],
]);

export const ZTF: CandidateProfile = {
  survey: 'ZTF',
  station: 'I41',
  bandOf: (fields) => {
    const fid = fields.integer('fid');
    return fid === null ? null : spelled('fid', String(fid), BANDS);
  },
  nominalExptimeS: 30,
  // The same detection comes again in the history of every later packet of its object, and the history has rb
  // but no drb. Taking drb would make the two differ, and every packet after the first would be in conflict
  // with it.
  reliabilityField: 'rb',
  exposureField: 'pid',
  detectorField: 'rcid',
};

/** A row of a flat table with ZTF's names. `oid` is ALeRCE's name of the object id. */
export function ztfTableRowOf(fields: RecordFields, options: ReadOptions): DetectionRow {
  return candidateRowOf(fields, nameOrNull(fields, 'objectId', 'oid'), ZTF, options);
}
