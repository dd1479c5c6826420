// The client side of the two services, for the command line, the load drivers and the tests: messages (or
// bytes made earlier) in, messages out, errors as AppError with the code of the service.

import * as grpc from '@grpc/grpc-js';
import { AppError, ERROR_CODES, type ErrorCode } from '../errors.ts';
import type {
  ConeRequest,
  CrossMatchReply,
  CrossMatchRequest,
  DetectionBatch,
  DetectionsReply,
  IngestAck,
  LightCurveRequest,
  NearestRequest,
  StatusReply,
  StatusRequest,
} from './gen/codec.js';
import { INGEST, QUERY } from './grpcDefinition.ts';
import { grpcStatusOf } from './status.ts';

/** Answers may be as large as the limit that was asked for. */
const CLIENT_OPTIONS: grpc.ClientOptions = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };

export interface CallOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export type IngestCall = grpc.ClientDuplexStream<DetectionBatch | Uint8Array, IngestAck>;

export class NightjarClient {
  readonly #client: grpc.Client;

  /** @param address host:port */
  constructor(address: string) {
    this.#client = new grpc.Client(address, grpc.credentials.createInsecure(), CLIENT_OPTIONS);
  }

  /** Rejects with unavailable when the service cannot be reached in time. */
  ready(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.waitForReady(Date.now() + timeoutMs, (error) => {
        if (error === undefined) resolve();
        else reject(new AppError('unavailable', 'the service cannot be reached', { cause: error }));
      });
    });
  }

  putDetections(batch: DetectionBatch | Uint8Array, options?: CallOptions): Promise<IngestAck> {
    return this.#unary(INGEST.PutDetections, batch, options);
  }

  cone(request: ConeRequest, options?: CallOptions): Promise<DetectionsReply> {
    return this.#unary(QUERY.Cone, request, options);
  }

  lightCurve(request: LightCurveRequest, options?: CallOptions): Promise<DetectionsReply> {
    return this.#unary(QUERY.LightCurve, request, options);
  }

  nearest(request: NearestRequest, options?: CallOptions): Promise<DetectionsReply> {
    return this.#unary(QUERY.Nearest, request, options);
  }

  crossMatch(request: CrossMatchRequest, options?: CallOptions): Promise<CrossMatchReply> {
    return this.#unary(QUERY.CrossMatch, request, options);
  }

  status(request: StatusRequest = {}, options?: CallOptions): Promise<StatusReply> {
    return this.#unary(QUERY.Status, request, options);
  }

  async *streamCone(request: ConeRequest, options: CallOptions = {}): AsyncGenerator<DetectionsReply> {
    const { path, requestSerialize, responseDeserialize } = QUERY.StreamCone;
    const call = this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, deadlineOf(options));
    options.signal?.addEventListener('abort', () => call.cancel(), { once: true });
    try {
      for await (const part of call) yield part as DetectionsReply;
    } catch (error) {
      throw appErrorOfStatus(error);
    } finally {
      call.cancel();
    }
  }

  /** The raw stream; IngestStream (ingestStream.ts) keeps count of the acknowledgements. */
  streamDetections(): IngestCall {
    const { path, requestSerialize, responseDeserialize } = INGEST.StreamDetections;
    return this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  }

  close(): void {
    this.#client.close();
  }

  #unary<Q, R>(method: grpc.MethodDefinition<Q, R>, request: Q, options: CallOptions = {}): Promise<R> {
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        deadlineOf(options),
        (error, reply) => {
          if (error !== null) reject(appErrorOfStatus(error));
          else resolve(reply as R);
        },
      );
      options.signal?.addEventListener('abort', () => call.cancel(), { once: true });
    });
  }
}

function deadlineOf({ timeoutMs }: CallOptions): grpc.CallOptions {
  return timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
}

/** A status as the AppError it was at the server, or what it means when it came from elsewhere. */
export function appErrorOfStatus(thrown: unknown): AppError {
  if (!isStatus(thrown)) return new AppError('internal', 'the call failed', { cause: thrown });
  const named = thrown.metadata.get('nightjar-code')[0];
  const code = ERROR_CODES.find((it) => it === named) ?? codeOfStatus(thrown.code);
  const field = thrown.metadata.get('nightjar-field')[0];
  return new AppError(code, thrown.details, { cause: thrown, ...(typeof field === 'string' && { details: { field } }) });
}

function isStatus(thrown: unknown): thrown is grpc.ServiceError {
  return thrown instanceof Error && 'code' in thrown && 'details' in thrown && 'metadata' in thrown;
}

function codeOfStatus(code: number): ErrorCode {
  return ERROR_CODES.find((it) => grpcStatusOf(it) === code) ?? 'internal';
}
