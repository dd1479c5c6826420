// What a method of ours is, and how grpc-js calls it: errors to status and trailers, back-pressure,
// cancellation, one report a call. Methods know none of it.

import {
  Metadata,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerErrorResponse,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { once, type EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import { AppError, type ErrorCode } from '../errors.ts';
import { appErrorOf, grpcStatusOf } from './status.ts';

/** What a method may ask of its call. */
export interface Call {
  /** Aborted when the client cancels, goes away, or its deadline passes. */
  readonly signal: AbortSignal;
  /** Aborted when the service is about to stop: finish what was begun. */
  readonly stopping: AbortSignal;
}

export type UnaryMethod = (request: Buffer, call: Call) => Uint8Array | Promise<Uint8Array>;
export type ServerStreamMethod = (request: Buffer, call: Call) => AsyncIterable<Uint8Array>;
/** Resolves when the stream may end well. */
export type DuplexMethod = (stream: DuplexStream, call: Call) => Promise<void>;
export type DuplexStream = ServerDuplexStream<Buffer, Uint8Array>;

export interface CallReport {
  readonly method: string;
  readonly code: ErrorCode | 'ok';
  readonly ms: number;
  /** What went wrong inside; internal errors only. */
  readonly cause?: unknown;
}

export interface CallContext {
  readonly stopping: AbortSignal;
  /** For unary calls that come without a deadline. */
  readonly requestTimeoutMs?: number;
  readonly onCall?: (report: CallReport) => void;
}

type AnyServerCall = ServerUnaryCall<Buffer, Uint8Array> | ServerWritableStream<Buffer, Uint8Array> | DuplexStream;

/** The signal is made when it is asked for: a short answer never does. */
class CallOf implements Call {
  readonly stopping: AbortSignal;
  readonly #call: AnyServerCall;
  readonly #timeoutMs: number | undefined;
  #signal: AbortSignal | null = null;

  constructor(call: AnyServerCall, stopping: AbortSignal, timeoutMs?: number) {
    this.#call = call;
    this.stopping = stopping;
    this.#timeoutMs = timeoutMs;
  }

  get signal(): AbortSignal {
    return (this.#signal ??= signalOf(this.#call, this.#timeoutMs));
  }
}

/** grpc-js says `cancelled` at the end of every call, whatever ended it. */
function signalOf(call: AnyServerCall, timeoutMs: number | undefined): AbortSignal {
  const controller = new AbortController();
  const deadline = Number(call.getDeadline());
  const late = (): void => controller.abort(new DOMException('the deadline has passed', 'TimeoutError'));
  const timer = timeoutMs === undefined || deadline !== Infinity ? undefined : setTimeout(late, timeoutMs);
  const abort = (): void => {
    clearTimeout(timer);
    if (deadline <= Date.now()) late();
    else controller.abort();
  };
  if (call.cancelled) abort();
  else (call as EventEmitter).once('cancelled', abort);
  return controller.signal;
}

/** An error as grpc-js sends it. `nightjar-code` is the code of our own list, `nightjar-field` the field at fault. */
export function statusOf(error: AppError): ServerErrorResponse {
  const metadata = new Metadata();
  metadata.set('nightjar-code', error.code);
  const { field } = error.details;
  if (field !== undefined && /^[\x21-\x7e]+$/.test(field)) metadata.set('nightjar-field', field);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the numbers of status.ts are those of grpc-js' enum
  return Object.assign(new Error(error.message), { code: grpcStatusOf(error.code), details: error.message, metadata });
}

export function handleUnary(name: string, method: UnaryMethod, context: CallContext) {
  return (call: ServerUnaryCall<Buffer, Uint8Array>, reply: sendUnaryData<Uint8Array>): void => {
    const done = reporter(name, context);
    const fail = (thrown: unknown): void => {
      reply(statusOf(done(thrown)));
    };
    const succeed = (bytes: Uint8Array): void => {
      reply(null, bytes);
      done();
    };
    try {
      const answer = method(call.request, new CallOf(call, context.stopping, context.requestTimeoutMs));
      if (answer instanceof Uint8Array) succeed(answer);
      else answer.then(succeed, fail);
    } catch (thrown) {
      fail(thrown);
    }
  };
}

export function handleServerStream(name: string, method: ServerStreamMethod, context: CallContext) {
  return (stream: ServerWritableStream<Buffer, Uint8Array>): void => {
    const done = reporter(name, context);
    const call = new CallOf(stream, context.stopping);
    sendAll(stream, method, call).then(
      () => {
        stream.end();
        done();
      },
      (thrown: unknown) => {
        failStream(stream, done(thrown));
      },
    );
  };
}

export function handleDuplex(name: string, method: DuplexMethod, context: CallContext) {
  return (stream: DuplexStream): void => {
    const done = reporter(name, context);
    method(stream, new CallOf(stream, context.stopping)).then(
      () => {
        stream.end();
        done();
      },
      (thrown: unknown) => {
        failStream(stream, done(thrown));
      },
    );
  };
}

/** A client that reads slowly makes the answer wait, and with it the scan that makes it. */
async function sendAll(stream: ServerWritableStream<Buffer, Uint8Array>, method: ServerStreamMethod, call: Call): Promise<void> {
  for await (const part of method(stream.request, call)) {
    call.signal.throwIfAborted();
    if (!stream.write(part)) await drained(stream, call.signal);
  }
}

/** A client that reads nothing for this long loses its stream: rows that it holds up can't be forgotten. */
const READER_TIMEOUT_MS = 60_000;

/** Waits until the client has read what is buffered for it; deadline_exceeded when it does not read. */
export async function drained(stream: Writable, signal: AbortSignal, timeoutMs = READER_TIMEOUT_MS): Promise<void> {
  if (!stream.writableNeedDrain) return;
  const tooSlow = AbortSignal.timeout(timeoutMs);
  try {
    await once(stream, 'drain', { signal: AbortSignal.any([signal, tooSlow]) });
  } catch (error) {
    if (!tooSlow.aborted || signal.aborted) throw error;
    throw new AppError('deadline_exceeded', `the client has read nothing for ${String(timeoutMs)} ms`, { cause: error });
  }
}

/** grpc-js turns an error event into the status and ends the stream. A client that is gone hears nothing. */
function failStream(stream: ServerWritableStream<Buffer, Uint8Array> | DuplexStream, error: AppError): void {
  if (!stream.cancelled) stream.emit('error', statusOf(error));
}

/** Call once, with what was thrown if anything: reports the call and gives the error to show. */
function reporter(method: string, context: CallContext): { (): null; (thrown: unknown): AppError } {
  const start = performance.now();
  function done(): null;
  function done(thrown: unknown): AppError;
  function done(...thrown: unknown[]): AppError | null {
    const error = thrown.length === 0 ? null : appErrorOf(thrown[0]);
    const cause = error?.code === 'internal' ? { cause: error.cause ?? error } : {};
    context.onCall?.({ method, code: error?.code ?? 'ok', ms: performance.now() - start, ...cause });
    return error;
  }
  return done;
}
