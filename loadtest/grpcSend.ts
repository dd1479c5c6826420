// Sends batches over one StreamDetections and times each acknowledgement: as fast as the service takes them,
// or at a fixed rate (open loop: latency counts from when a batch was due, so that a stall cannot hide).

import { build, type Histogram } from 'hdr-histogram-js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IngestAck } from '../src/contract/gen/codec.js';
import type { NightjarClient } from '../src/contract/grpcClient.ts';
import { IngestStream } from '../src/contract/ingestStream.ts';

export interface EncodedBatch {
  readonly bytes: Uint8Array;
  readonly rows: number;
}

export interface SendOptions {
  readonly seconds: number;
  readonly inFlight: number;
  /** null: as fast as they are taken. */
  readonly rowsPerSecond: number | null;
}

export interface SendResult {
  readonly rows: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  /** Over the second half of the rows: compiled code, a grown store. */
  readonly rowsPerSecondLater: number;
  /** Microseconds from sent (or due) to acknowledged. */
  readonly ackUs: Histogram;
}

const MAX_US = 60_000_000;

/** Ends when the batches or the seconds are over, after the last acknowledgement. */
export async function sendBatches(client: NightjarClient, batches: Iterable<EncodedBatch>, options: SendOptions): Promise<SendResult> {
  const stream = new IngestStream(client, options.inFlight);
  const ackUs = build({ lowestDiscernibleValue: 1, highestTrackableValue: MAX_US, numberOfSignificantValueDigits: 3 });
  const total = { rows: 0, accepted: 0, duplicates: 0, rejected: 0 };
  const progress: { at: number; rows: number }[] = [];
  const count = (ack: IngestAck, from: number, rows: number): void => {
    const now = performance.now();
    ackUs.recordValue(Math.min(MAX_US, Math.max(1, Math.round((now - from) * 1000))));
    total.rows += rows;
    total.accepted += ack.accepted ?? 0;
    total.duplicates += ack.duplicates ?? 0;
    total.rejected += ack.rejected?.length ?? 0;
    progress.push({ at: now, rows: total.rows });
  };
  const start = performance.now();
  let due = start;
  for (const { bytes, rows } of batches) {
    if (performance.now() - start > options.seconds * 1000) break;
    if (options.rowsPerSecond !== null) {
      if (due > performance.now() + 1) await sleep(due - performance.now());
      const from = due;
      due += (rows / options.rowsPerSecond) * 1000;
      void (await stream.send(bytes)).ack.then((ack) => count(ack, from, rows));
    } else {
      const { ack } = await stream.send(bytes);
      const from = performance.now();
      void ack.then((it) => count(it, from, rows));
    }
  }
  await stream.end();
  const end = performance.now();
  const half = progress.find(({ rows }) => rows >= total.rows / 2) ?? { at: start, rows: 0 };
  return {
    ...total,
    seconds: (end - start) / 1000,
    rowsPerSecond: (total.rows / (end - start)) * 1000,
    rowsPerSecondLater: ((total.rows - half.rows) / (end - half.at)) * 1000,
    ackUs,
  };
}
