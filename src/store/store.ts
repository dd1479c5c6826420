// The one interface of all engines. No word of Redis, Tile38 or files in it. A query is a value, so a
// new filter adds no method. Answers are exact: all and only the rows asked for, by (mjdTai, survey,
// sourceId), whatever the pole, the RA wrap or the pixel edge. The shared suite in test/store holds
// every engine to it.

import type { Cone, Polygon } from '../sky/regions.ts';
import type { Moc } from '../sky/moc.ts';
import type { DetectionColumns } from '../model/columns.ts';
import type { DetectionQuery } from '../model/window.ts';
import type { RejectedRow } from '../model/rejectedRow.ts';

export type { RejectedRow };

export type Region = { readonly kind: 'polygon'; readonly polygon: Polygon } | { readonly kind: 'moc'; readonly moc: Moc };

/** Fsync policy of the acknowledgement. Redis and Tile38 say what their server promises. */
export type Durability = 'always' | 'everysec' | 'off';

/** A fixed place on the sky and the detections that joined it. */
export interface ObjectRecord {
  /** `survey:source_id` of the detection that started the object: the same whichever engine or order. */
  readonly objectId: string;
  /** The surveys' own object ids that came with its detections, sorted. */
  readonly aliases: readonly string[];
  /** Position of the detection that started it, ICRS. */
  readonly raDeg: number;
  readonly decDeg: number;
  readonly detections: number;
  readonly mjdTaiFirst: number;
  readonly mjdTaiLast: number;
}

export interface StoreSummary {
  readonly engine: 'memory' | 'redis' | 'tile38';
  readonly detections: number;
  readonly objects: number;
  /** null when empty. */
  readonly mjdTaiFirst: number | null;
  readonly mjdTaiLast: number | null;
  readonly surveys: readonly string[];
  readonly bytesUsed: number;
  /** null when the engine sets no limit of its own. */
  readonly bytesLimit: number | null;
  readonly durability: string;
  /** What start-up found, in words; null where the engine keeps nothing of its own. */
  readonly recovery: string | null;
}

export interface PutSummary {
  readonly accepted: number;
  /** Rows that were there already with the same content. */
  readonly duplicates: number;
  /** Same (survey, sourceId) with other content: code already_exists. Memory full: resource_exhausted. */
  readonly rejected: readonly RejectedRow[];
  /** Accepted rows that joined no object and started one, by index. */
  readonly unassociated: readonly number[];
}

/**
 * A yielded batch belongs to the caller until it asks for the next one; a store may reuse it then.
 * `query.limit` bounds the rows of the whole answer.
 */
export interface DetectionReader {
  cone(cone: Cone, query: DetectionQuery): AsyncIterable<DetectionColumns>;
  region(region: Region, query: DetectionQuery): AsyncIterable<DetectionColumns>;
  /** The k nearest within maxRadiusRad, by separation, ties in row order; sepArcsec is set. */
  nearest(at: Cone, k: number, query: DetectionQuery): Promise<DetectionColumns>;
  /** All detections of the objects that have this id or alias. Nothing found: an empty answer. */
  lightCurve(objectId: string, query: DetectionQuery): AsyncIterable<DetectionColumns>;
  /** The detections of one observing night (model/night.ts). */
  night(night: number, query: DetectionQuery): AsyncIterable<DetectionColumns>;
  /** One row or none. */
  detection(survey: string, sourceId: string): Promise<DetectionColumns>;
  /** Objects by own id or by alias (several for an alias of a moving object), sorted by id. */
  objects(objectId: string): Promise<readonly ObjectRecord[]>;
  summary(): Promise<StoreSummary>;
}

export interface DetectionWriter {
  /**
   * Idempotent by (survey, sourceId). Resolves when as durable as configured and visible to readers.
   * The batch has passed model/checkBatch and is not changed.
   */
  put(batch: DetectionColumns): Promise<PutSummary>;
  /** Forgets the nights that ended before this time; returns the rows forgotten. */
  evictBefore(mjdTai: number): Promise<number>;
}

/**
 * Answers at once, in the caller's thread, into the caller's columns (cleared first, grown if need be).
 * Each returns false, leaving `out` empty, when the answer would take longer than about a millisecond;
 * then ask the asynchronous reader.
 */
export interface ImmediateReader {
  coneNow(cone: Cone, query: DetectionQuery, out: DetectionColumns): boolean;
  nearestNow(at: Cone, k: number, query: DetectionQuery, out: DetectionColumns): boolean;
  lightCurveNow(objectId: string, query: DetectionQuery, out: DetectionColumns): boolean;
  detectionNow(survey: string, sourceId: string, out: DetectionColumns): boolean;
}

export interface DetectionStore extends DetectionReader, DetectionWriter {
  /** Only the embedded store has it. */
  readonly immediate?: ImmediateReader;
  /** Finishes what was acknowledged, then lets go of everything. */
  close(): Promise<void>;
}
