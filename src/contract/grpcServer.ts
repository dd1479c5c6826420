// The gRPC face put together: our services, health and reflection, on one server. The services come as
// arguments, since ingest and query do not know each other.

import * as grpc from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import type { Server as NetServer } from 'node:net';
import { AppError } from '../errors.ts';
import { FILE_DESCRIPTORS } from './gen/descriptors.ts';
import {
  handleDuplex,
  handleServerStream,
  handleUnary,
  type CallContext,
  type CallReport,
  type DuplexMethod,
  type ServerStreamMethod,
  type UnaryMethod,
} from './grpcCalls.ts';
import { INGEST, MAX_REQUEST_BYTES, QUERY } from './grpcDefinition.ts';

export interface IngestMethods {
  readonly StreamDetections: DuplexMethod;
  readonly PutDetections: UnaryMethod;
}

export interface QueryMethods {
  readonly Cone: UnaryMethod;
  readonly StreamCone: ServerStreamMethod;
  readonly LightCurve: UnaryMethod;
  readonly Nearest: UnaryMethod;
  readonly CrossMatch: UnaryMethod;
  readonly Status: UnaryMethod;
}

export interface GrpcServerOptions {
  /** Absent where the process only answers queries. */
  readonly ingest?: IngestMethods;
  readonly query: QueryMethods;
  /** Deadline of a unary call that comes without its own; none where absent. */
  readonly requestTimeoutMs?: number;
  readonly onCall?: (report: CallReport) => void;
}

export interface GrpcServer {
  readonly server: grpc.Server;
  /** Gives the port, which the system chooses where 0 is asked for. Serving from then on, says health. */
  listen(host: string, port: number): Promise<number>;
  /** Serves the connections of a socket server instead, such as one with reusePort: grpc-js cannot share a port by itself. */
  serve(sockets: NetServer): void;
  /** What health says of every service. */
  setServing(isServing: boolean): void;
  /**
   * Health says not serving, new calls are refused, and those under way end: streams when what was read of
   * them is acknowledged. After `timeoutMs` the rest is cut off.
   */
  drain(timeoutMs: number): Promise<void>;
}

const INGEST_NAME = 'nightjar.v1.Ingest';
const QUERY_NAME = 'nightjar.v1.Query';

export function buildGrpcServer(options: GrpcServerOptions): GrpcServer {
  const stopping = new AbortController();
  const { onCall, requestTimeoutMs } = options;
  const context: CallContext = {
    stopping: stopping.signal,
    ...(onCall !== undefined && { onCall }),
    ...(requestTimeoutMs !== undefined && { requestTimeoutMs }),
  };
  const server = new grpc.Server({
    'grpc.max_receive_message_length': MAX_REQUEST_BYTES,
    // the limit of an answer is the caller's `limit`
    'grpc.max_send_message_length': -1,
  });
  const names = ['', QUERY_NAME];
  server.addService({ ...QUERY }, queryHandlers(options.query, context));
  if (options.ingest !== undefined) {
    names.push(INGEST_NAME);
    server.addService({ ...INGEST }, ingestHandlers(options.ingest, context));
  }
  const health = new HealthImplementation(Object.fromEntries(names.map((name) => [name, 'NOT_SERVING'])));
  health.addToServer(server);
  reflection().addToServer(server);
  const setServing = (isServing: boolean): void => {
    for (const name of names) health.setStatus(name, isServing ? 'SERVING' : 'NOT_SERVING');
  };

  return {
    server,
    setServing,
    async listen(host, port) {
      const address = host.includes(':') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
      const bound = await bind(server, address);
      setServing(true);
      return bound;
    },
    serve(sockets) {
      const injector = server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
      sockets.on('connection', (socket) => {
        injector.injectConnection(socket);
      });
      setServing(true);
    },
    async drain(timeoutMs) {
      setServing(false);
      stopping.abort();
      await shutDown(server, timeoutMs);
    },
  };
}

function queryHandlers(query: QueryMethods, context: CallContext): grpc.UntypedServiceImplementation {
  return {
    Cone: handleUnary('Query.Cone', query.Cone, context),
    StreamCone: handleServerStream('Query.StreamCone', query.StreamCone, context),
    LightCurve: handleUnary('Query.LightCurve', query.LightCurve, context),
    Nearest: handleUnary('Query.Nearest', query.Nearest, context),
    CrossMatch: handleUnary('Query.CrossMatch', query.CrossMatch, context),
    Status: handleUnary('Query.Status', query.Status, context),
  };
}

function ingestHandlers(ingest: IngestMethods, context: CallContext): grpc.UntypedServiceImplementation {
  return {
    StreamDetections: handleDuplex('Ingest.StreamDetections', ingest.StreamDetections, context),
    PutDetections: handleUnary('Ingest.PutDetections', ingest.PutDetections, context),
  };
}

function reflection(): ReflectionService {
  // of a package definition the service reads only the descriptors
  const described = {
    nightjar: { format: '', type: {}, fileDescriptorProtos: FILE_DESCRIPTORS.map((text) => Buffer.from(text, 'base64')) },
  };
  return new ReflectionService(described as unknown as ConstructorParameters<typeof ReflectionService>[0]);
}

function bind(server: grpc.Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(new AppError('unavailable', `cannot listen on ${address} for gRPC: ${error.message}`, { cause: error }));
    });
  });
}

function shutDown(server: grpc.Server, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, timeoutMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
