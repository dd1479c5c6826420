// put() into the live sky: rows of the last nights, each with the time at which it expires. One batch at a
// time in a process. Of two processes that write the same row at once one wins (SET NX) and the other looks
// again; two that found objects at one place at once make two of them, each with its own rows.

import { DetectionColumns } from '../../model/columns.ts';
import { FIELDS } from '../../model/fields.ts';
import { nightOf } from '../../model/night.ts';
import { RAD_PER_ARCSEC } from '../../sky/angle.ts';
import { separationRad } from '../../sky/cone.ts';
import { unitVector } from '../../sky/vector.ts';
import type { PutSummary, RejectedRow } from '../store.ts';
import { FreshObjects, nearestObject, type LiveObject } from './liveObjects.ts';
import type { LiveSkyDb } from './liveSkyDb.ts';
import { readRowJson, rowJsonOf } from './rowJson.ts';

const SLICE_ROWS = 500;
const FEW_OBJECTS = 32;
const MANY_OBJECTS = 1_000_000;
/** Far more than Tile38's distances are off. */
const ROUNDING_RAD = 0.001 * RAD_PER_ARCSEC;
const UNIX_EPOCH_MJD = 40_587;
const DAY_S = 86_400;

export interface LiveRules {
  readonly windowNights: number;
  readonly radiusArcsecOf: (survey: string) => number;
  readonly reachArcsec: number;
  /** Unix time, ms. */
  readonly now: () => number;
}

interface Outcome {
  accepted: number;
  duplicates: number;
  readonly rejected: RejectedRow[];
  readonly unassociated: number[];
}

/** Unix time at which a night leaves the window: noon at Greenwich after its last of windowNights followers. */
export function expiryS(night: number, windowNights: number): number {
  return (night + 1.5 + windowNights - UNIX_EPOCH_MJD) * DAY_S;
}

export async function putLive(db: LiveSkyDb, rules: LiveRules, batch: DetectionColumns): Promise<PutSummary> {
  const outcome: Outcome = { accepted: 0, duplicates: 0, rejected: [], unassociated: [] };
  for (let from = 0; from < batch.length; from += SLICE_ROWS) {
    let rows = Array.from({ length: Math.min(SLICE_ROWS, batch.length - from) }, (_, i) => from + i);
    // Rows repeated in the slice wait for a next turn, as do those that another process wrote meanwhile.
    while (rows.length > 0) rows = await putSlice(db, rules, batch, rows, outcome);
  }
  outcome.rejected.sort((a, b) => a.row - b.row);
  outcome.unassociated.sort((a, b) => a - b);
  return outcome;
}

async function putSlice(
  db: LiveSkyDb,
  rules: LiveRules,
  batch: DetectionColumns,
  rows: readonly number[],
  outcome: Outcome,
): Promise<number[]> {
  const again: number[] = [];
  const nowS = Math.ceil(rules.now() / 1000);
  const taken = new Set<string>();
  const first = rows.filter((row) => {
    const id = keyOf(batch, row);
    if (taken.has(id)) {
      again.push(row);
      return false;
    }
    taken.add(id);
    return true;
  });
  const stored = await db.rowsById(first.map((row) => keyOf(batch, row)));
  const fresh = first.filter((row, i) => {
    const json = stored[i];
    if (json === null) return isLive(batch, row, rules, nowS, outcome);
    settleStored(batch, row, json, outcome);
    return false;
  });
  const near = await objectsNear(db, rules, batch, fresh);
  const objects = new Map<string, LiveObject>();
  const names = new Map<string, { name: string; objectId: string; expireS: number }>();
  const founding = new Set<number>();
  const founded = new FreshObjects(rules.reachArcsec * RAD_PER_ARCSEC);
  const made = fresh.map((row, i) => {
    const [raDeg, decDeg, mjdTai] = [batch.raDeg[row], batch.decDeg[row], batch.mjdTai[row]];
    const survey = batch.surveyOf(row);
    const night = nightOf(mjdTai, batch.stations.names[batch.station[row]]);
    const untilS = expiryS(night, rules.windowNights);
    const id = keyOf(batch, row);
    const candidates = [...near[i], ...founded.near(raDeg, decDeg)];
    const joined = nearestObject(candidates, { raDeg, decDeg, mjdTai, survey }, rules.radiusArcsecOf(survey) * RAD_PER_ARCSEC);
    // An object that has outlived its founding row is found again by that row.
    const own = joined ?? candidates.find((candidate) => candidate.objectId === id);
    const object = own ?? { objectId: id, survey, sourceId: batch.sourceIdOf(row), raDeg, decDeg, mjdTai, untilS };
    if (joined === null) founding.add(row);
    if (own === undefined) founded.add(object);
    const known = objects.get(object.objectId) ?? object;
    if (own === undefined || untilS > known.untilS) objects.set(object.objectId, { ...known, untilS: Math.max(untilS, known.untilS) });
    const alias = batch.objectId[row];
    if (alias !== null) names.set(`${alias}\0${object.objectId}`, { name: alias, objectId: object.objectId, expireS: untilS - nowS });
    return { id, json: rowJsonOf(batch, row, object.objectId), night, mjdTai, raDeg, decDeg, expireS: untilS - nowS };
  });
  // Objects and names first: without a row nobody shows them.
  await db.putObjects([...objects.values()], nowS);
  await db.putNames([...names.values()]);
  const isNew = await db.putRows(made);
  fresh.forEach((row, i) => {
    if (!isNew[i]) {
      again.push(row);
      return;
    }
    outcome.accepted++;
    if (founding.has(row)) outcome.unassociated.push(row);
  });
  return again.sort((a, b) => a - b);
}

/**
 * Objects near each row, as many as association needs. A few nearest are enough, unless none of them may be
 * joined: thousands of sources of one exposure at one place would else be fetched for each other.
 */
async function objectsNear(db: LiveSkyDb, rules: LiveRules, batch: DetectionColumns, rows: readonly number[]): Promise<LiveObject[][]> {
  const radiusRad = rules.reachArcsec * RAD_PER_ARCSEC;
  const placeOf = (row: number): string => `${String(batch.raDeg[row])},${String(batch.decDeg[row])}`;
  const found = new Map<string, LiveObject[]>();
  const fetch = async (which: readonly number[], limit: number): Promise<void> => {
    const places = new Map(which.map((row) => [placeOf(row), { raDeg: batch.raDeg[row], decDeg: batch.decDeg[row] }]));
    const lists = await db.objectsNear([...places.values()], radiusRad, limit);
    [...places.keys()].forEach((place, i) => found.set(place, lists[i]));
  };
  await fetch(rows, FEW_OBJECTS);
  const unsure = rows.filter((row) => !isEnough(found.get(placeOf(row)) ?? [], batch, row));
  if (unsure.length > 0) await fetch(unsure, MANY_OBJECTS);
  return rows.map((row) => found.get(placeOf(row)) ?? []);
}

/** Whether the list, cut at FEW_OBJECTS, has an object to join that is nearer than its last beyond rounding. */
function isEnough(objects: readonly LiveObject[], batch: DetectionColumns, row: number): boolean {
  if (objects.length < FEW_OBJECTS) return true;
  const at = unitVector(batch.raDeg[row], batch.decDeg[row]);
  const sepRad = (object: LiveObject): number => separationRad(at, unitVector(object.raDeg, object.decDeg));
  const survey = batch.surveyOf(row);
  const joinable = objects.find((object) => object.survey !== survey || object.mjdTai !== batch.mjdTai[row]);
  return joinable !== undefined && sepRad(joinable) + ROUNDING_RAD < sepRad(objects[objects.length - 1]);
}

function isLive(batch: DetectionColumns, row: number, { windowNights }: LiveRules, nowS: number, outcome: Outcome): boolean {
  const night = nightOf(batch.mjdTai[row], batch.stations.names[batch.station[row]]);
  if (expiryS(night, windowNights) > nowS) return true;
  const message = `mjd_tai is ${String(batch.mjdTai[row])}, must be of the last ${String(windowNights)} nights: the live sky keeps no others`;
  outcome.rejected.push({ row, code: 'failed_precondition', message });
  return false;
}

/** The row's id is taken: by the same content, or by other. */
function settleStored(batch: DetectionColumns, row: number, json: string, outcome: Outcome): void {
  const stored = new DetectionColumns(1);
  const { alias } = readRowJson(json, stored);
  stored.objectId[0] = alias;
  const field = FIELDS.find(({ value }) => !Object.is(value(stored, 0), value(batch, row)));
  if (field === undefined) outcome.duplicates++;
  else outcome.rejected.push({ row, code: 'already_exists', message: `${keyOf(batch, row)} is stored with another ${field.name}` });
}

export function keyOf(columns: DetectionColumns, row: number): string {
  return `${columns.surveyOf(row)}:${columns.sourceIdOf(row)}`;
}
