// The Ingest service. A stream's batches are read as there is room for them, stored side by side (so that
// one sync to disk serves many) and acknowledged in the order they came. A row that is bad is in its
// batch's acknowledgement; a batch whose structure is broken, or that the store cannot take, ends the
// stream with a status that names its sequence, after the acknowledgements of all batches before it.

import { setImmediate } from 'node:timers/promises';
import { columnsOfBatch, sequenceOfBatch, type DecodedBatch } from '../../src/contract/detectionMessage.ts';
import { IngestAck } from '../../src/contract/gen/codec.js';
import { drained, type Call, type DuplexStream } from '../../src/contract/grpcCalls.ts';
import type { IngestMethods } from '../../src/contract/grpcServer.ts';
import { appErrorOf } from '../../src/contract/status.ts';
import { AppError } from '../../src/errors.ts';
import type { DetectionColumns } from '../../src/model/columns.ts';
import type { RejectedRow } from '../../src/store/store.ts';
import type { IngestReport } from '../ingestDetections.ts';
import { BatchInbox } from './batchInbox.ts';
import { Slots } from './slots.ts';

/** ingestDetections with its store. The columns are the caller's again when it resolves. */
export type Ingest = (columns: DetectionColumns, rejected: readonly RejectedRow[], rows: Uint32Array | null) => Promise<IngestReport>;

export interface IngestServiceOptions {
  /** Batches of one stream under way at once. */
  readonly maxInFlightPerStream?: number;
  /** Batches of all streams and calls. */
  readonly maxInFlight?: number;
}

/** Enough for the group commit to find company; latency only grows beyond (docs/adr/0004). */
const MAX_IN_FLIGHT_PER_STREAM = 16;
const MAX_IN_FLIGHT = 64;

/** Longest that reading batches keeps the thread, but for the batch at hand (500 rows take 0.25 ms, as a table 0.02). */
const TURN_MS = 0.5;

export function ingestService(ingest: Ingest, options: IngestServiceOptions = {}): IngestMethods {
  const perStream = options.maxInFlightPerStream ?? MAX_IN_FLIGHT_PER_STREAM;
  const slots = new Slots(options.maxInFlight ?? MAX_IN_FLIGHT);
  return {
    StreamDetections: (stream, call) => new IngestStream(stream, call, ingest, slots, perStream).run(),
    async PutDetections(request, call) {
      await slots.take(call.signal);
      try {
        const batch = columnsOfBatch(request);
        return encodeAck(batch.sequence, await ingest(batch.columns, batch.rejected, batch.rows));
      } finally {
        slots.giveBack();
      }
    },
  };
}

class IngestStream {
  readonly #stream: DuplexStream;
  readonly #inbox: BatchInbox;
  readonly #call: Call;
  readonly #ingest: Ingest;
  readonly #slots: Slots;
  readonly #maxInFlight: number;
  /** Columns of batches that are done, for the next ones. */
  readonly #spare: DetectionColumns[] = [];
  /** The acknowledgements under way, oldest first, and what the oldest waits for. */
  #inFlight = 0;
  #acknowledged: Promise<void> = Promise.resolve();
  #failure: AppError | null = null;
  #onRoom: (() => void) | null = null;

  constructor(stream: DuplexStream, call: Call, ingest: Ingest, slots: Slots, maxInFlight: number) {
    this.#stream = stream;
    this.#inbox = new BatchInbox(stream, call);
    this.#call = call;
    this.#ingest = ingest;
    this.#slots = slots;
    this.#maxInFlight = maxInFlight;
  }

  async run(): Promise<void> {
    const inbox = this.#inbox;
    try {
      let turnStartMs = performance.now();
      for (let bytes = await inbox.next(); bytes !== null; bytes = await inbox.next()) {
        await this.#slots.take(this.#call.signal);
        if (!this.#begin(bytes)) break;
        if (this.#inFlight >= this.#maxInFlight) await this.#room();
        // batches that wait already must not keep queries out of the thread
        if (performance.now() - turnStartMs > TURN_MS) {
          await setImmediate();
          turnStartMs = performance.now();
        }
      }
    } finally {
      await this.#acknowledged;
      inbox.close();
    }
    if (this.#failure !== null) throw this.#failure;
    if (!inbox.hasEnded) {
      throw new AppError('unavailable', 'the service is stopping: send what was not acknowledged again, later or elsewhere');
    }
  }

  /** Starts storing a batch; its acknowledgement follows that of the batch before. False: it cannot be read, and nothing after it is. */
  #begin(bytes: Buffer): boolean {
    let batch: DecodedBatch;
    let reused: DetectionColumns | undefined;
    try {
      reused = this.#spare.pop();
      batch = columnsOfBatch(bytes, reused);
    } catch (thrown) {
      this.#slots.giveBack();
      this.#acknowledged = this.#acknowledged.then(() => {
        this.#fail(sequenceOfBatch(bytes), thrown);
      });
      return false;
    }
    this.#inFlight++;
    const stored = this.#ingest(batch.columns, batch.rejected, batch.rows);
    // waited for below, after the batches before it
    stored.catch(() => undefined);
    this.#acknowledged = this.#acknowledged.then(() => this.#acknowledge(batch, stored));
    return true;
  }

  async #acknowledge(batch: DecodedBatch, stored: Promise<IngestReport>): Promise<void> {
    try {
      const report = await stored;
      if (this.#spare.length < this.#maxInFlight) this.#spare.push(batch.columns);
      if (this.#failure !== null || this.#call.signal.aborted) return;
      // a client that does not read its acknowledgements is not read from either
      if (!this.#stream.write(encodeAck(batch.sequence, report))) await drained(this.#stream, this.#call.signal);
    } catch (thrown) {
      this.#fail(batch.sequence, thrown);
    } finally {
      this.#inFlight--;
      this.#slots.giveBack();
      this.#onRoom?.();
    }
  }

  /** The first failure ends the stream. */
  #fail(sequence: bigint, thrown: unknown): void {
    const error = appErrorOf(thrown);
    this.#failure ??= new AppError(error.code, `batch ${String(sequence)}: ${error.message}`, {
      cause: error.cause,
      details: error.details,
    });
    this.#inbox.stop();
    this.#onRoom?.();
  }

  async #room(): Promise<void> {
    while (this.#inFlight >= this.#maxInFlight && this.#failure === null) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
    this.#onRoom = null;
  }
}

function encodeAck(sequence: bigint, report: IngestReport): Uint8Array {
  const { accepted, duplicates, rejected, durability } = report;
  return IngestAck.encode({ sequence, accepted, duplicates, rejected, durability }).finish();
}
