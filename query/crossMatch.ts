// Many places at once: the detections near each, the nearest only, or one line for every place.

import type { CrossMatchRequest, Position } from '../src/contract/gen/codec.js';
import { DetectionColumns } from '../src/model/columns.ts';
import type { DetectionQuery } from '../src/model/window.ts';
import { RAD_PER_ARCSEC } from '../src/sky/angle.ts';
import { coneOf } from '../src/sky/cone.ts';
import type { Cone } from '../src/sky/regions.ts';
import type { DetectionStore } from '../src/store/store.ts';
import { appendAll, collect } from './collect.ts';
import { detectionQuery, type QueryOptions } from './detectionQuery.ts';
import { given, missing } from './missing.ts';
import { yieldToEventLoop } from './yielding.ts';

/** Rows of the whole answer when the caller names no limit. */
const DEFAULT_LIMIT = 100_000;
/** Places asked for at the same time where a store answers over a network. */
const PLACES_IN_FLIGHT = 32;

const BEST = 2;
const EACH = 3;

export interface CrossMatchAnswer {
  /** The rows found, one after another in the order of the positions; sepArcsec is set. */
  readonly columns: DetectionColumns;
  /** Line i of the answer is about positions[positionOf[i]] and shows row rowOf[i], or none (-1, only with EACH). */
  readonly positionOf: readonly number[];
  readonly rowOf: readonly number[];
  /** True when the limit cut the answer: lines of later positions are missing. */
  readonly truncated: boolean;
}

/** find unspecified means ALL. */
export async function crossMatch(store: DetectionStore, request: CrossMatchRequest, options: QueryOptions = {}): Promise<CrossMatchAnswer> {
  const cones = (request.positions ?? []).map((position, i) => requestedCone(position, i, request.radiusArcsec));
  const limit = request.limit ?? DEFAULT_LIMIT;
  const isNearestOnly = request.find === BEST || request.find === EACH;
  const query = {
    ...detectionQuery(request.filter, null, options.signal),
    limit: isNearestOnly ? 1 : limit + 1,
  };
  const columns = new DetectionColumns(cones.length);
  const positionOf: number[] = [];
  const rowOf: number[] = [];

  let position = 0;
  let turn = performance.now();
  for await (const found of answers(store, cones, query, isNearestOnly)) {
    const row = columns.length;
    appendAll(columns, found);
    for (let i = 0; i < found.length; i++) {
      positionOf.push(position);
      rowOf.push(row + i);
    }
    if (found.length > 1) sortBySeparation(rowOf, row, columns.sepArcsec);
    if (found.length === 0 && request.find === EACH) {
      positionOf.push(position);
      rowOf.push(-1);
    }
    if (rowOf.length > limit) break;
    position++;
    turn = await yieldToEventLoop(turn, options.signal);
  }
  const truncated = rowOf.length > limit;
  rowOf.length = Math.min(rowOf.length, limit);
  positionOf.length = rowOf.length;
  return { columns, positionOf, rowOf, truncated };
}

function requestedCone(position: Position, index: number, defaultRadiusArcsec: number | null | undefined): Cone {
  const name = `positions[${String(index)}]`;
  const radiusArcsec = position.radiusArcsec ?? defaultRadiusArcsec;
  if (typeof radiusArcsec !== 'number') throw missing('radius_arcsec', `radius_arcsec is missing, for all positions or in ${name}`);
  return coneOf(given(`${name}.ra_deg`, position.raDeg), given(`${name}.dec_deg`, position.decDeg), radiusArcsec * RAD_PER_ARCSEC);
}

/** One answer for each place, in their order. It belongs to the caller until the next. */
async function* answers(
  store: DetectionStore,
  cones: readonly Cone[],
  query: DetectionQuery,
  isNearestOnly: boolean,
): AsyncGenerator<DetectionColumns> {
  const reused = new DetectionColumns(16);
  const ahead: Promise<DetectionColumns>[] = [];
  for (let i = 0; i < cones.length; i++) {
    if (ahead.length === 0 && answerNow(store, cones[i], query, isNearestOnly, reused)) {
      yield reused;
      continue;
    }
    for (let next = i + ahead.length; next < cones.length && ahead.length < PLACES_IN_FLIGHT; next++) {
      const later = answerLater(store, cones[next], query, isNearestOnly);
      later.catch(ignoreUntilAwaited);
      ahead.push(later);
    }
    yield (await ahead.shift()) ?? reused;
  }
}

/** One that fails while an earlier one is awaited, or after the caller left, is no unhandled rejection. */
function ignoreUntilAwaited(): void {
  // thrown again where it is awaited
}

function answerNow(store: DetectionStore, cone: Cone, query: DetectionQuery, isNearestOnly: boolean, out: DetectionColumns): boolean {
  if (store.immediate === undefined) return false;
  return isNearestOnly ? store.immediate.nearestNow(cone, 1, query, out) : store.immediate.coneNow(cone, query, out);
}

function answerLater(store: DetectionStore, cone: Cone, query: DetectionQuery, isNearestOnly: boolean): Promise<DetectionColumns> {
  return isNearestOnly ? store.nearest(cone, 1, query) : collect(store.cone(cone, query), query.signal);
}

/** The lines from `from` on by separation; rows equally far stay in the order of their time. */
function sortBySeparation(rowOf: number[], from: number, sepArcsec: Float64Array): void {
  const rows = rowOf.splice(from);
  rows.sort((a, b) => sepArcsec[a] - sepArcsec[b] || a - b);
  for (const row of rows) rowOf.push(row);
}
