// Decoders of other people believe the counts inside a file: a run length of 2^30 in a damaged page fills the
// heap, a row count of 2^60 loops for ever. Such a decoder runs in a thread that may use so much memory and
// so much time for each answer and no more; when it wants more, the thread ends and the process does not.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { AppError, type ErrorCode } from '../../src/errors.ts';

/** What a thread sends for each time it is asked, besides its own messages. */
export type ThreadMessage<T> = T | { readonly end: true } | { readonly code: ErrorCode; readonly problem: string };

export interface ThreadLimits {
  /** Named in messages: `parquet`. */
  readonly what: string;
  readonly heapMb: number;
  readonly answerMs: number;
}

/** The messages of the thread with this entry, one asked for at a time. The thread ends with the iteration. */
export async function* messagesOfThread<T extends object>(entry: URL, data: unknown, limits: ThreadLimits): AsyncGenerator<T> {
  const worker = new Worker(entry, {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: limits.heapMb, maxYoungGenerationSizeMb: 32 },
  });
  try {
    for (;;) {
      const message = await nextMessage<T>(worker, limits);
      if ('end' in message) return;
      if ('problem' in message) throw new AppError(message.code, message.problem);
      yield message;
    }
  } finally {
    // Not awaited: a thread that is busy collecting garbage at its limit takes seconds to notice.
    worker.unref();
    void worker.terminate();
  }
}

async function nextMessage<T>(worker: Worker, { what, heapMb, answerMs }: ThreadLimits): Promise<ThreadMessage<T>> {
  worker.postMessage('next');
  const stop = new AbortController();
  const late = setTimeout(() => {
    stop.abort();
  }, answerMs);
  try {
    const [message] = (await once(worker, 'message', { signal: stop.signal })) as [ThreadMessage<T>];
    return message;
  } catch (error) {
    if (stop.signal.aborted) throw new AppError('resource_exhausted', `${what} took more than ${String(answerMs)} ms to decode`);
    const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (isMemory) throw new AppError('resource_exhausted', `${what} needs more than ${String(heapMb)} MB to decode`);
    throw error;
  } finally {
    clearTimeout(late);
  }
}
