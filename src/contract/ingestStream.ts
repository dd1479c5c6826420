// A client's end of StreamDetections: sends batches, hands back each one's acknowledgement, and lets the
// sender wait when the service does. At most `maxInFlight` batches are unacknowledged.

import { AppError } from '../errors.ts';
import type { DetectionBatch, IngestAck } from './gen/codec.js';
import { appErrorOfStatus, type IngestCall, type NightjarClient } from './grpcClient.ts';

interface Waiting {
  readonly resolve: (ack: IngestAck) => void;
  readonly reject: (error: AppError) => void;
}

export class IngestStream {
  readonly #call: IngestCall;
  readonly #maxInFlight: number;
  /** Unacknowledged batches, oldest first. */
  readonly #waiting: Waiting[] = [];
  readonly #ended: Promise<void>;
  #failure: AppError | null = null;
  #isEnding = false;
  #onRoom: (() => void) | null = null;

  constructor(client: NightjarClient, maxInFlight = 16) {
    this.#maxInFlight = maxInFlight;
    this.#call = client.streamDetections();
    this.#ended = new Promise((resolve) => {
      this.#call.on('data', (ack: IngestAck) => {
        this.#waiting.shift()?.resolve(ack);
        this.#onRoom?.();
      });
      this.#call.on('drain', () => this.#onRoom?.());
      this.#call.on('error', (error) => {
        this.#fail(appErrorOfStatus(error));
        resolve();
      });
      this.#call.on('end', () => {
        if (!this.#isEnding || this.#waiting.length > 0) this.#fail(new AppError('unavailable', 'the service ended the stream'));
        resolve();
      });
    });
  }

  get inFlight(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves when the batch is on its way, which may take until the service has room; then `ack` resolves
   * with its acknowledgement. Send one batch at a time.
   */
  async send(batch: DetectionBatch | Uint8Array): Promise<{ readonly ack: Promise<IngestAck> }> {
    await this.#room(() => this.#waiting.length < this.#maxInFlight && !this.#call.writableNeedDrain);
    if (this.#failure !== null) throw this.#failure;
    const ack = new Promise<IngestAck>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
    // whoever waits for it hears of a failure; who does not, hears of it from the next send or from end
    ack.catch(() => undefined);
    this.#call.write(batch);
    return { ack };
  }

  /** Says that no more come and waits for all acknowledgements. Throws what ended the stream early. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#call.end();
    await this.#room(() => this.#waiting.length === 0);
    if (this.#failure === null) await this.#ended;
    if (this.#failure !== null) throw this.#failure;
  }

  cancel(): void {
    this.#call.cancel();
  }

  #fail(error: AppError): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
    this.#onRoom?.();
  }

  async #room(hasRoom: () => boolean): Promise<void> {
    while (this.#failure === null && !hasRoom()) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
    this.#onRoom = null;
  }
}
