// The service that a load driver talks to: one that runs already, or a process of its own on free ports with
// an empty data folder, gone when the driver is done.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Service {
  /** host:port */
  readonly grpcAddress: string;
  readonly restUrl: string | null;
  /** Resident memory of the process in MB where it is ours. */
  stop(): Promise<void>;
}

const NIGHTJAR = fileURLToPath(new URL('../bin/nightjar', import.meta.url));

/** @param env NIGHTJAR_* settings of the process, such as NIGHTJAR_DURABILITY. */
export async function startOwnService(env: Readonly<Record<string, string>> = {}): Promise<Service> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nightjar-load-'));
  const settings = { NIGHTJAR_HTTP_PORT: '0', NIGHTJAR_GRPC_PORT: '0', NIGHTJAR_HOST: '127.0.0.1', NIGHTJAR_DATA_DIR: dataDir, ...env };
  const child = spawn(NIGHTJAR, ['serve'], { env: { ...process.env, ...settings }, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    lines.on('line', (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      if (entry['msg'] === 'ready') resolve(entry);
    });
    void exited.then(() => {
      reject(new Error('the service ended before it was ready'));
    });
  });
  return {
    grpcAddress: String(ready['grpc']).replace('grpc://', ''),
    restUrl: String(ready['rest']),
    async stop() {
      child.kill('SIGTERM');
      await exited;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export function runningService(grpcAddress: string): Service {
  return { grpcAddress, restUrl: null, stop: () => Promise.resolve() };
}
