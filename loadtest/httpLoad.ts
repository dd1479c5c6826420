// Load on the REST face from outside the process: a closed loop (each connection asks again at once) or an
// open loop (requests are due at a fixed rate, and the latency counts from when a request was due, so that
// a stalled server cannot hide its stall). Keep-alive connections, bounded in time, loopback.

import http from 'node:http';
import { build, type Histogram } from 'hdr-histogram-js';

export interface HttpLoad {
  readonly host: string;
  readonly port: number;
  /** The next request's path and query. */
  readonly nextPath: () => string;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second over all connections; null: closed loop. */
  readonly requestsPerSecond: number | null;
}

export interface HttpLoadResult {
  /** Microseconds. */
  readonly latencyUs: Histogram;
  readonly requests: number;
  readonly failures: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** Runs the load and resolves with its latencies. Answers other than 200 and broken connections count as failures. */
export async function runHttpLoad(load: HttpLoad): Promise<HttpLoadResult> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: load.connections });
  const latencyUs = build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 });
  const started = performance.now();
  const end = started + 1000 * load.seconds;
  let requests = 0;
  let failures = 0;
  let bytes = 0;

  const ask = (due: number): Promise<void> =>
    new Promise((resolve) => {
      const fail = (): void => {
        failures++;
        resolve();
      };
      const request = http.get({ host: load.host, port: load.port, path: load.nextPath(), agent }, (response) => {
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        });
        response.on('end', () => {
          requests++;
          if (response.statusCode === 200) latencyUs.recordValue(Math.max(1, Math.round(1000 * (performance.now() - due))));
          else failures++;
          resolve();
        });
        response.on('error', fail);
      });
      request.on('error', fail);
      request.setTimeout(10_000, () => request.destroy(new Error('no answer within 10 s')));
    });

  const connection = async (index: number): Promise<void> => {
    if (load.requestsPerSecond === null) {
      while (performance.now() < end) await ask(performance.now());
      return;
    }
    const intervalMs = (1000 * load.connections) / load.requestsPerSecond;
    for (let due = started + (intervalMs * index) / load.connections; due < end; due += intervalMs) {
      const waitMs = due - performance.now();
      if (waitMs > 0.2) await new Promise((resolve) => setTimeout(resolve, waitMs));
      await ask(Math.max(due, waitMs > 0.2 ? performance.now() : due));
    }
  };
  await Promise.all(Array.from({ length: load.connections }, (_, index) => connection(index)));
  agent.destroy();
  return { latencyUs, requests, failures, bytes, seconds: (performance.now() - started) / 1000 };
}

/** One line of a table: requests/s and the quantiles in microseconds. */
export function latencyRow(name: string, result: HttpLoadResult): Record<string, string | number> {
  const h = result.latencyUs;
  return {
    load: name,
    'req/s': Math.round(result.requests / result.seconds),
    'p50 us': h.getValueAtPercentile(50),
    'p95 us': h.getValueAtPercentile(95),
    'p99 us': h.getValueAtPercentile(99),
    'p99.9 us': h.getValueAtPercentile(99.9),
    'max us': h.maxValue,
    failures: result.failures,
  };
}
