// Questions and answers between two threads over one MessagePort: each question has a deadline, and only so
// many may be open, so that a busy thread makes the others wait or give up instead of filling the memory.

import type { MessagePort, Transferable, Worker } from 'node:worker_threads';
import { appErrorOf } from '../contract/status.ts';
import { AppError, type ErrorCode } from '../errors.ts';

/** What one side can be asked, by name. Payloads and answers must be structured-cloneable. */
export type Handlers = Readonly<Record<string, (payload: never) => unknown>>;

interface Question {
  readonly ask: string;
  readonly id: number;
  readonly payload: unknown;
}

type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failed: { readonly code: ErrorCode; readonly message: string } };

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AppError) => void;
  readonly timer: NodeJS.Timeout;
}

export interface AskOptions {
  readonly timeoutMs: number;
  readonly transfer?: readonly Transferable[];
}

const MOST_OPEN = 64;

export class Peer {
  readonly #port: MessagePort | Worker;
  readonly #handlers: Handlers;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(port: MessagePort | Worker, handlers: Handlers) {
    this.#port = port;
    this.#handlers = handlers;
    (port as MessagePort).on('message', (message: Question | Answer) => {
      if ('ask' in message) void this.#answer(message);
      else this.#settle(message);
    });
  }

  /** Throws what the other side threw, resource_exhausted, or deadline_exceeded (the other side may still do it). */
  ask(question: string, payload: unknown, { timeoutMs, transfer = [] }: AskOptions): Promise<unknown> {
    if (this.#waiting.size >= MOST_OPEN) {
      return Promise.reject(
        new AppError('resource_exhausted', `${MOST_OPEN} requests already wait for the writing thread, try again later`),
      );
    }
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new AppError('deadline_exceeded', `the other thread did not answer within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#port.postMessage({ ask: question, id, payload } satisfies Question, [...transfer]);
    });
  }

  /** The other side is gone: whoever waits for it hears so. */
  close(reason: string): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new AppError('unavailable', reason));
    }
    this.#waiting.clear();
  }

  async #answer({ ask, id, payload }: Question): Promise<void> {
    let answer: Answer;
    try {
      answer = { id, value: await this.#handlers[ask](payload as never) };
    } catch (thrown) {
      const { code, message } = appErrorOf(thrown);
      answer = { id, failed: { code, message } };
    }
    this.#port.postMessage(answer, []);
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.id);
    clearTimeout(waiting.timer);
    if ('failed' in answer) waiting.reject(new AppError(answer.failed.code, answer.failed.message));
    else waiting.resolve(answer.value);
  }
}
