// The client of bench/rest.ts, in a thread of its own: one keep-alive connection a server, one request at a
// time, latency from the write to the last byte of the body.

import { connect, type Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';

/** Requests to a server, one after another. */
export interface Job {
  readonly port: number;
  /** Asked for in turn. */
  readonly paths: readonly string[];
  readonly requests: number;
}

const sockets = new Map<number, Socket>();

parentPort?.on('message', (job: Job) => {
  void run(job).then((micros) => parentPort?.postMessage(micros));
});

async function run({ port, paths, requests }: Job): Promise<Float64Array> {
  const socket = sockets.get(port) ?? (await connected(port));
  sockets.set(port, socket);
  const micros = new Float64Array(requests);
  for (let i = 0; i < requests; i++) {
    const start = performance.now();
    await answered(socket, `GET ${paths[i % paths.length]} HTTP/1.1\r\nhost: localhost\r\nconnection: keep-alive\r\n\r\n`);
    micros[i] = 1000 * (performance.now() - start);
  }
  return micros;
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.on('error', reject);
  });
}

function answered(socket: Socket, request: string): Promise<void> {
  return new Promise((resolve) => {
    let wanted = -1;
    let got = 0;
    const onData = (part: Buffer): void => {
      got += part.length;
      if (wanted === -1) {
        const text = part.toString('latin1', 0, Math.min(part.length, 1000));
        wanted = text.indexOf('\r\n\r\n') + 4 + Number(/content-length: (\d+)/i.exec(text)?.[1]);
      }
      if (got >= wanted) {
        socket.off('data', onData);
        resolve();
      }
    };
    socket.on('data', onData);
    socket.write(request);
  });
}
