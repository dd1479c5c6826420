// One observing night: its detections, or how many there were by survey, band and station.

import type { Filter, Page } from '../src/contract/gen/codec.js';
import type { DetectionColumns } from '../src/model/columns.ts';
import type { DetectionStore } from '../src/store/store.ts';
import { finishAnswer, type DetectionsAnswer } from './answer.ts';
import { collect } from './collect.ts';
import { detectionQuery, limitOf, type QueryOptions } from './detectionQuery.ts';
import { yieldToEventLoop } from './yielding.ts';

export interface NightSummary {
  readonly night: number;
  readonly detections: number;
  /** null without detections. */
  readonly mjdTaiFirst: number | null;
  readonly mjdTaiLast: number | null;
  /** Rows by name, names sorted; '' for rows without one. */
  readonly surveys: Readonly<Record<string, number>>;
  readonly bands: Readonly<Record<string, number>>;
  readonly stations: Readonly<Record<string, number>>;
}

export interface NightRequest {
  readonly night: number;
  readonly filter?: Filter | null;
  readonly page?: Page | null;
}

/** The rows of a night, by time. */
export async function nightDetections(store: DetectionStore, request: NightRequest, options: QueryOptions = {}): Promise<DetectionsAnswer> {
  const query = detectionQuery(request.filter, request.page, options.signal);
  return finishAnswer(await collect(store.night(request.night, query), options.signal), limitOf(request.page));
}

/** Counts every row of the night that passes the filter, whatever their number. */
export async function nightSummary(store: DetectionStore, request: NightRequest, options: QueryOptions = {}): Promise<NightSummary> {
  const query = {
    ...detectionQuery(request.filter, null, options.signal),
    limit: Infinity,
  };
  const surveys = new Map<string, number>();
  const bands = new Map<string, number>();
  const stations = new Map<string, number>();
  let detections = 0;
  let first: number | null = null;
  let last: number | null = null;
  let turn = performance.now();
  for await (const batch of store.night(request.night, query)) {
    if (batch.length === 0) continue;
    count(surveys, batch, batch.survey, batch.surveys.names);
    count(bands, batch, batch.band, batch.bands.names);
    count(stations, batch, batch.station, batch.stations.names);
    detections += batch.length;
    first ??= batch.mjdTai[0];
    last = batch.mjdTai[batch.length - 1];
    turn = await yieldToEventLoop(turn, options.signal);
  }
  return {
    night: request.night,
    detections,
    mjdTaiFirst: first,
    mjdTaiLast: last,
    surveys: sorted(surveys),
    bands: sorted(bands),
    stations: sorted(stations),
  };
}

function count(into: Map<string, number>, batch: DetectionColumns, index: Uint16Array, names: readonly string[]): void {
  const counts = new Uint32Array(names.length);
  for (let i = 0; i < batch.length; i++) counts[index[i]]++;
  counts.forEach((n, i) => {
    if (n > 0) into.set(names[i], (into.get(names[i]) ?? 0) + n);
  });
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
