// A redis-server or tile38-server of a test's own: on a unix socket in a fresh temporary folder, so no
// port can clash and nothing of the machine is touched. Whatever a test starts ends with the test's
// process at the latest, and only that.

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

export interface TestServer {
  /** `unix:///...`, as NIGHTJAR_REDIS_URL and NIGHTJAR_TILE38_URL take it. */
  readonly url: string;
  readonly pid: number;
  /** Ends the server and waits for it; its data are gone. */
  stop(): Promise<void>;
}

export interface TestServerOptions {
  /** More arguments for the server's command line. */
  readonly args?: readonly string[];
  /** Where to listen instead of a new place: to come back where a stopped server was. */
  readonly url?: string;
}

const START_TIMEOUT_MS = 10_000;

/** A Redis without persistence, or null (with a printed reason) where there is none. NIGHTJAR_TEST_REDIS_SERVER names another binary, such as Valkey's. */
export async function startRedis(options: TestServerOptions = {}): Promise<TestServer | null> {
  const binary = binaryOf(process.env['NIGHTJAR_TEST_REDIS_SERVER'] ?? 'redis-server');
  if (binary === null) return null;
  return start(binary, options, (dir, socket) => [
    ...['--port', '0', '--unixsocket', socket, '--dir', dir, '--save', '', '--appendonly', 'no'],
    ...(options.args ?? []),
  ]);
}

/** A Tile38 without persistence, or null (with a printed reason) where there is none. */
export async function startTile38(options: TestServerOptions = {}): Promise<TestServer | null> {
  const binary = binaryOf(process.env['NIGHTJAR_TEST_TILE38_SERVER'] ?? 'tile38-server');
  if (binary === null) return null;
  return start(binary, options, (dir, socket) => [
    ...['-s', socket, '-d', dir, '--appendonly', 'no', '--http-transport', 'no'],
    ...(options.args ?? []),
  ]);
}

function binaryOf(name: string): string | null {
  if (name.includes('/')) {
    if (existsSync(name)) return name;
  } else {
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      if (folder !== '' && existsSync(join(folder, name))) return join(folder, name);
    }
  }
  console.log(`skipped: no ${name} on the PATH`);
  return null;
}

/**
 * The server runs under a shell that ends it as soon as its standard input ends: so it goes with the test's
 * process however that ends, and nothing else is ever touched.
 */
const GUARD =
  'exec 3<&0; "$@" & server=$!; echo "server pid $server"; (read line; kill -9 $server) <&3 2>/dev/null & wait $server; code=$?; rm -rf "$NIGHTJAR_TEST_DIR"; exit $code';

async function start(
  binary: string,
  options: TestServerOptions,
  argsOf: (dir: string, socket: string) => readonly string[],
): Promise<TestServer> {
  const dir = mkdtempSync(join(tmpdir(), 'nightjar-test-'));
  const socket = options.url?.slice('unix://'.length) ?? join(dir, 's');
  mkdirSync(dirname(socket), { recursive: true });
  const guard = spawn('sh', ['-c', GUARD, 'sh', binary, ...argsOf(dir, socket)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NIGHTJAR_TEST_DIR: dir },
  });
  const ended = new Promise<void>((resolve) =>
    guard.once('exit', () => {
      resolve();
    }),
  );
  const stop = async (): Promise<void> => {
    guard.stdin.end();
    await ended;
    rmSync(dir, { recursive: true, force: true });
    // A server that comes back at this place must find it free.
    rmSync(dirname(socket), { recursive: true, force: true });
  };
  try {
    const pid = await ready(guard, binary);
    return { url: `unix://${socket}`, pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Resolves with the server's pid at the log line with which both servers say that they listen. */
function ready(guard: ChildProcess, binary: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let log = '';
    const timer = setTimeout(() => {
      reject(new Error(`${binary} is not ready after ${String(START_TIMEOUT_MS)} ms: ${log}`));
    }, START_TIMEOUT_MS);
    const listen = (chunk: Buffer): void => {
      log += chunk.toString();
      const pid = /server pid (\d+)/.exec(log)?.[1];
      if (pid === undefined || !/ready to accept connections/i.test(log)) return;
      clearTimeout(timer);
      guard.stdout?.removeListener('data', listen).resume();
      guard.stderr?.removeListener('data', listen).resume();
      resolve(Number(pid));
    };
    guard.stdout?.on('data', listen);
    guard.stderr?.on('data', listen);
    guard.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    guard.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`${binary} ended with ${String(code)}: ${log}`));
    });
  });
}
