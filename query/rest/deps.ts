// What the REST face is given. It is joined with the rest of the service in src/main.ts, or in a query
// thread, whose store only reads.

import type { DetectionColumns } from '../../src/model/columns.ts';
import type { DetectionStore, RejectedRow } from '../../src/store/store.ts';

export interface IngestReport {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly RejectedRow[];
  readonly durability: string;
}

/** A part of a body. Row numbers count the rows of the whole body from 0. */
export interface DecodedBatch {
  readonly columns: DetectionColumns;
  /** Number of each row of `columns`. */
  readonly rows: ArrayLike<number>;
  /** Rows that could not be read. */
  readonly rejected: readonly RejectedRow[];
}

export interface RestMetrics {
  /** One request done: the route's pattern, the HTTP status, how long it took. */
  readonly observeRequest: (route: string, status: number, seconds: number) => void;
  /** Rows of one answer. */
  readonly observeRows: (route: string, rows: number) => void;
  readonly contentType: string;
  readonly text: () => Promise<string>;
}

export interface RestLog {
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
}

export interface RestLimits {
  /** A query that takes longer ends with deadline_exceeded. */
  readonly requestTimeoutMs: number;
  /** Queries beyond the quick ones that run at the same time ... */
  readonly maxConcurrentQueries: number;
  /** ... and that may wait for their turn; more are refused with resource_exhausted. */
  readonly maxWaitingQueries: number;
  readonly maxBodyBytes: number;
  /** A connection on which nothing moves for this long beyond the request timeout is cut: its answer may be large. */
  readonly stalledTimeoutMs: number;
}

export const DEFAULT_REST_LIMITS: RestLimits = {
  requestTimeoutMs: 30_000,
  maxConcurrentQueries: 16,
  maxWaitingQueries: 256,
  maxBodyBytes: 64 * 1024 * 1024,
  stalledTimeoutMs: 60_000,
};

export interface RestDeps {
  readonly store: DetectionStore;
  readonly version: string;
  readonly metrics?: RestMetrics;
  readonly log?: RestLog;
  readonly limits?: Partial<RestLimits>;
  /** Stores a batch. Without it POST /v1/detections says failed_precondition. */
  readonly ingest?: (columns: DetectionColumns) => Promise<IngestReport>;
  /** Reads a body of one of the types that POST /v1/detections takes. */
  readonly decodeBody?: (contentType: string, body: AsyncIterable<Uint8Array>) => AsyncIterable<DecodedBatch>;
  /** Why the service can't take requests now, or null. */
  readonly notReady?: () => string | null;
}
