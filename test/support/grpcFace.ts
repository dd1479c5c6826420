// A real gRPC server on a port of its own, over any store, and a client of it.

import { buildGrpcServer, type GrpcServer } from '../../src/contract/grpcServer.ts';
import { NightjarClient } from '../../src/contract/grpcClient.ts';
import type { CallReport } from '../../src/contract/grpcCalls.ts';
import type { DetectionStore } from '../../src/store/store.ts';
import { ingestDetections } from '../../ingest/ingestDetections.ts';
import { ingestService, type Ingest, type IngestServiceOptions } from '../../ingest/grpc/ingestService.ts';
import { queryService } from '../../query/grpc/queryService.ts';

export interface GrpcFace {
  readonly server: GrpcServer;
  readonly client: NightjarClient;
  readonly address: string;
  /** One for each call that has ended. */
  readonly reports: CallReport[];
  close(): Promise<void>;
}

export interface GrpcFaceOptions extends IngestServiceOptions {
  /** Instead of storing in `store`. */
  readonly ingest?: Ingest;
  readonly requestTimeoutMs?: number;
}

export async function openGrpcFace(store: DetectionStore, options: GrpcFaceOptions = {}): Promise<GrpcFace> {
  const reports: CallReport[] = [];
  const ingest = options.ingest ?? ((columns, rejected, rows) => ingestDetections(store, columns, rejected, rows));
  const server = buildGrpcServer({
    ingest: ingestService(ingest, options),
    query: queryService(store, 'test'),
    ...(options.requestTimeoutMs !== undefined && { requestTimeoutMs: options.requestTimeoutMs }),
    onCall: (report) => reports.push(report),
  });
  const address = `127.0.0.1:${String(await server.listen('127.0.0.1', 0))}`;
  const client = new NightjarClient(address);
  return {
    server,
    client,
    address,
    reports,
    async close() {
      client.close();
      await server.drain(1000);
      await store.close();
    },
  };
}
