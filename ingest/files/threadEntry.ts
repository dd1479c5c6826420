// The other end of boundedThread.ts, inside the thread.

import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../src/errors.ts';
import type { ThreadMessage } from './boundedThread.ts';

/** Sends the next message each time it is asked, and what went wrong as a message too. */
export function answerFrom<T extends object>(what: string, messagesFrom: (data: unknown) => AsyncIterable<T>): void {
  const port = parentPort;
  if (port === null) throw new Error('this is the entry of a worker thread');
  const messages = messagesFrom(workerData)[Symbol.asyncIterator]();
  port.on('message', () => {
    void messages.next().then(
      ({ value, done }) => {
        port.postMessage(done === true ? { end: true } : value);
      },
      (error: unknown) => {
        port.postMessage(problemOf(what, error));
      },
    );
  });
}

function problemOf(what: string, error: unknown): ThreadMessage<never> {
  if (error instanceof AppError) return { code: error.code, problem: error.message };
  return { code: 'invalid_argument', problem: `${what} cannot be read: ${error instanceof Error ? error.message : String(error)}` };
}
