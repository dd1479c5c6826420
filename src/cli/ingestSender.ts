// Batches of detections to a running service, over gRPC or REST, some in flight at once. A service that is
// slow makes the sender wait; one that does not answer in time ends it.

import { Client, credentials, type ClientDuplexStream } from '@grpc/grpc-js';
import { encodeBatch } from '../contract/detectionMessage.ts';
import type { DetectionBatch, IngestAck } from '../contract/gen/codec.js';
import { INGEST } from '../contract/grpcDefinition.ts';
import { AppError, ERROR_CODES, type ErrorCode } from '../errors.ts';
import type { DetectionColumns } from '../model/columns.ts';
import { FIELDS } from '../model/fields.ts';
import type { RejectedRow } from '../model/rejectedRow.ts';
import { RestClient } from './restClient.ts';

export interface BatchReport {
  readonly accepted: number;
  readonly duplicates: number;
  /** By row of the batch. */
  readonly rejected: readonly RejectedRow[];
}

export interface BatchSender {
  /** Resolves when the batch is acknowledged. Several may be under way. */
  send(columns: DetectionColumns): Promise<BatchReport>;
  close(): void;
}

/** `host:port` and `grpc://` speak gRPC, `http://` REST. */
export function openSender(url: string, timeoutMs: number): BatchSender {
  if (/^https?:\/\//.test(url)) return new RestSender(url, timeoutMs);
  const address = url.replace(/^grpc:\/\//, '');
  if (!/^(?:\[[0-9a-fA-F:]+\]|[^:/\s]+):\d{1,5}$/.test(address)) {
    throw new AppError('invalid_argument', `--url is ${JSON.stringify(url)}, must be host:port of gRPC or an http:// URL`);
  }
  return new GrpcSender(address, timeoutMs);
}

interface Waiting {
  readonly resolve: (report: BatchReport) => void;
  readonly reject: (error: AppError) => void;
}

type IngestStream = ClientDuplexStream<DetectionBatch | Uint8Array, IngestAck>;

/** One stream for everything. Acknowledgements come in the order of the batches. */
class GrpcSender implements BatchSender {
  readonly #address: string;
  readonly #timeoutMs: number;
  readonly #client: Client;
  readonly #stream: IngestStream;
  readonly #waiting = new Map<string, Waiting>();
  #sequence = 0n;
  #failure: AppError | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(address: string, timeoutMs: number) {
    this.#address = address;
    this.#timeoutMs = timeoutMs;
    this.#client = new Client(address, credentials.createInsecure());
    const { path, requestSerialize, responseDeserialize } = INGEST.StreamDetections;
    this.#stream = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    this.#stream.on('data', (ack: IngestAck) => {
      this.#acknowledge(ack);
    });
    this.#stream.on('error', (error: Error) => {
      this.#fail(grpcError(address, error));
    });
    this.#stream.on('end', () => {
      this.#fail(new AppError('unavailable', `${address} ended the stream`));
    });
  }

  send(columns: DetectionColumns): Promise<BatchReport> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const sequence = ++this.#sequence;
    return new Promise((resolve, reject) => {
      this.#waiting.set(String(sequence), { resolve, reject });
      this.#watch();
      this.#stream.write(encodeBatch(sequence, columns, { asTable: true }));
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#stream.removeAllListeners('end');
    this.#stream.end();
    this.#client.close();
  }

  #acknowledge({ sequence, accepted, duplicates, rejected }: IngestAck): void {
    const key = String(sequence);
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    this.#watch();
    waiting?.resolve({
      accepted: accepted ?? 0,
      duplicates: duplicates ?? 0,
      rejected: (rejected ?? []).map(({ row, code, message }) => ({ row: row ?? 0, code: codeOf(code), message: message ?? '' })),
    });
  }

  /** The deadline starts again with every acknowledgement. */
  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#waiting.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#fail(new AppError('deadline_exceeded', `${this.#address} acknowledged nothing for ${this.#timeoutMs} ms`));
      this.#stream.cancel();
    }, this.#timeoutMs);
  }

  #fail(error: AppError): void {
    this.#failure ??= error;
    clearTimeout(this.#timer);
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}

function grpcError(address: string, error: Error): AppError {
  const { details, metadata } = error as Error & { details?: string; metadata?: { get(key: string): unknown[] } };
  const code = metadata?.get('nightjar-code')[0];
  if (typeof code === 'string') return new AppError(codeOf(code), details ?? error.message, { cause: error });
  return new AppError('unavailable', `${address} is not reachable (${details ?? error.message}); is \`nightjar serve\` running?`, {
    cause: error,
  });
}

function codeOf(code: unknown): ErrorCode {
  return ERROR_CODES.find((it) => it === code) ?? 'internal';
}

/** What a detection says of itself: everything but the time said twice. */
const SENT_FIELDS = FIELDS.filter(({ name }) => name !== 'mjd_utc');

class RestSender implements BatchSender {
  readonly #client: RestClient;

  constructor(url: string, timeoutMs: number) {
    this.#client = new RestClient(url, timeoutMs);
  }

  async send(columns: DetectionColumns): Promise<BatchReport> {
    const reply = await this.#client.post('/v1/detections', 'application/x-ndjson', ndjsonOf(columns));
    const { accepted, duplicates, errors } = reply;
    return {
      accepted: Number(accepted),
      duplicates: Number(duplicates),
      rejected: Array.isArray(errors) ? (errors as RejectedRow[]) : [],
    };
  }

  close(): void {
    // fetch keeps no connection that would hold the process
  }
}

function ndjsonOf(columns: DetectionColumns): string {
  const lines: string[] = [];
  for (let row = 0; row < columns.length; row++) {
    const object: Record<string, string | number> = {};
    for (const { name, value } of SENT_FIELDS) {
      const given = value(columns, row);
      if (given !== null) object[name] = typeof given === 'bigint' ? given.toString() : given;
    }
    lines.push(JSON.stringify(object));
  }
  return `${lines.join('\n')}\n`;
}
