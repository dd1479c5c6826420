// Rows that come in batches, gathered into columns of our own: a store may reuse its batch as soon as the
// next one is asked for.

import { DetectionColumns, FLOAT32_COLUMNS, FLOAT64_COLUMNS } from '../src/model/columns.ts';
import type { Dictionary } from '../src/model/dictionary.ts';
import { yieldToEventLoop } from './yielding.ts';

/** All rows of all batches. Throws the signal's reason when it is aborted between two batches. */
export async function collect(batches: AsyncIterable<DetectionColumns>, signal?: AbortSignal): Promise<DetectionColumns> {
  let all: DetectionColumns | null = null;
  let turn = performance.now();
  for await (const batch of batches) {
    all ??= new DetectionColumns(batch.length);
    appendAll(all, batch);
    turn = await yieldToEventLoop(turn, signal);
  }
  return all ?? new DetectionColumns(0);
}

/** Appends every row of `from`, a column at a time. */
export function appendAll(to: DetectionColumns, from: DetectionColumns): void {
  const at = to.length;
  const n = from.length;
  to.reserve(at + n);
  appendNames(to.survey, at, to.surveys, from.survey, n, from.surveys);
  appendNames(to.station, at, to.stations, from.station, n, from.stations);
  appendNames(to.band, at, to.bands, from.band, n, from.bands);
  to.kind.set(from.kind.subarray(0, n), at);
  to.sourceId.set(from.sourceId.subarray(0, n), at);
  to.exposureId.set(from.exposureId.subarray(0, n), at);
  to.detector.set(from.detector.subarray(0, n), at);
  to.flags.set(from.flags.subarray(0, n), at);
  for (const name of FLOAT64_COLUMNS) to[name].set(from[name].subarray(0, n), at);
  for (const name of FLOAT32_COLUMNS) to[name].set(from[name].subarray(0, n), at);
  for (let i = 0; i < n; i++) {
    to.sourceIdText[at + i] = from.sourceIdText[i];
    to.objectId[at + i] = from.objectId[i];
  }
  to.length = at + n;
}

function appendNames(to: Uint16Array, at: number, toNames: Dictionary, from: Uint16Array, n: number, fromNames: Dictionary): void {
  if (toNames === fromNames) {
    to.set(from.subarray(0, n), at);
    return;
  }
  const translated = new Map<number, number>();
  for (let i = 0; i < n; i++) {
    const index = from[i];
    let own = translated.get(index);
    if (own === undefined) {
      own = toNames.intern(fromNames.names[index]);
      translated.set(index, own);
    }
    to[at + i] = own;
  }
}
