// What the caller knows about a file that the file does not say.

import type { TimeReference } from './exposureTime.ts';

export interface ReadOptions {
  /** For files that name no survey; where they name one, the file is right. */
  readonly survey?: string;
  /** For files that name no observatory (MPC code). */
  readonly station?: string;
  /** What mjd_utc and mjd_tai of a table of our own columns mean; the columns' definition is 'mid'. */
  readonly timeReference?: TimeReference;
  /** Exposure time of rows that carry none. ZTF packets take 30 s without it. */
  readonly exptimeS?: number;
  /** Whether the earlier detections, limits and forced photometry in alert packets are read too. Default true. */
  readonly history?: boolean;
  /** Whether right ascensions from -180 to 0 are taken as RA + 360. Default true; request bodies are strict. */
  readonly wrapRa?: boolean;
  /** Told how many more bytes of the file, as it is on disk, have been read: in the end its size. */
  readonly onBytes?: (bytes: number) => void;
  /** Schemas of packets with Confluent framing, by registry id: the whole schema as parsed JSON. */
  readonly registeredSchemas?: ReadonlyMap<number, unknown>;
}
