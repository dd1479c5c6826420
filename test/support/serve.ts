// `nightjar serve` and the other commands as processes of their own, as a user starts them.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const NIGHTJAR = fileURLToPath(new URL('../../bin/nightjar', import.meta.url));

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment without settings of the machine that runs the tests. */
function cleanEnv(env: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.entries(process.env).filter(([key, value]) => value !== undefined && !key.startsWith('NIGHTJAR_'));
  return { ...(Object.fromEntries(own) as Record<string, string>), ...env };
}

export async function nightjar(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const child = spawn(NIGHTJAR, args, { env: cleanEnv(env), stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

export interface Serve {
  readonly restUrl: string;
  readonly grpcAddress: string;
  /** The `ready` line. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** Sends the signal and gives the exit code, null after SIGKILL. */
  end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | null>;
}

/** Resolves at the `ready` line. Ports are free ones; whatever is started ends with the test's process. */
export async function serve(env: Readonly<Record<string, string>>): Promise<Serve> {
  const ports = { NIGHTJAR_HTTP_PORT: '0', NIGHTJAR_GRPC_PORT: '0' };
  const child = spawn(NIGHTJAR, ['serve'], { env: cleanEnv({ ...ports, ...env }), stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const ready = await readyLine(child);
  return {
    restUrl: String(ready['rest']),
    grpcAddress: String(ready['grpc']),
    ready,
    async end(signal) {
      child.kill(signal);
      const [code] = await ended;
      process.removeListener('exit', kill);
      return code;
    },
  };
}

function readyLine(child: ChildProcess): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    let rest = '';
    let all = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      all += chunk.toString();
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const fields = JSON.parse(line) as Record<string, unknown>;
        if (fields['msg'] === 'ready') resolve(fields);
      }
    });
    child.stderr?.on('data', (chunk: Buffer) => (all += chunk.toString()));
    child.once('exit', (code) => {
      reject(new Error(`nightjar serve ended with ${String(code)}: ${all}`));
    });
  });
}
