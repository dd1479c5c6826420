// The two services as grpc-js wants them, made from the generated paths. Servers get and give bytes: batches
// are read straight into columns and answers are made from them, and a message that cannot be decoded is
// the caller's fault (grpc-js would call it an internal error). Clients may send messages or bytes.

import type { MethodDefinition } from '@grpc/grpc-js';
import * as codec from './gen/codec.js';
import { SERVICES } from './gen/wire.ts';

/** Largest message a server takes: 10,000 rows with the longest ids still fit. Clients of grpc-js take 4 MiB unless told otherwise. */
export const MAX_REQUEST_BYTES = 8 * 1024 * 1024;

type Codecs = typeof codec;
type RequestOf<M> = M extends { readonly request: infer R extends keyof Codecs }
  ? Codecs[R] extends codec.MessageCodec<infer T>
    ? T
    : never
  : never;
type ReplyOf<M> = M extends { readonly reply: infer R extends keyof Codecs }
  ? Codecs[R] extends codec.MessageCodec<infer T>
    ? T
    : never
  : never;

type Services = typeof SERVICES;
type MethodsOf<S extends keyof Services> = {
  readonly [M in keyof Services[S]]: MethodDefinition<RequestOf<Services[S][M]> | Uint8Array, ReplyOf<Services[S][M]>>;
};

export const INGEST: MethodsOf<'Ingest'> = definitionsOf('Ingest');
export const QUERY: MethodsOf<'Query'> = definitionsOf('Query');

interface MethodEntry {
  readonly path: string;
  readonly request: keyof Codecs;
  readonly reply: keyof Codecs;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

function definitionsOf<S extends keyof Services>(service: S): MethodsOf<S> {
  const methods = Object.entries<MethodEntry>(SERVICES[service]).map(([name, method]) => [name, definitionOf(name, method)] as const);
  return Object.fromEntries(methods) as unknown as MethodsOf<S>;
}

function definitionOf(name: string, method: MethodEntry): MethodDefinition<unknown, unknown> {
  const request = codec[method.request] as codec.MessageCodec<object>;
  const reply = codec[method.reply] as codec.MessageCodec<object>;
  return {
    path: method.path,
    originalName: name,
    requestStream: method.requestStream,
    responseStream: method.responseStream,
    requestSerialize: (message) => bytesOf(request, message),
    requestDeserialize: (bytes) => bytes,
    responseSerialize: (message) => bytesOf(reply, message),
    responseDeserialize: (bytes) => reply.decode(bytes),
  };
}

function bytesOf(messageCodec: codec.MessageCodec<object>, message: unknown): Buffer {
  const bytes = message instanceof Uint8Array ? message : messageCodec.encode(message as object).finish();
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
