// Messages of a stream one at a time, as the service has room for them. What is not taken stays in
// grpc-js' buffer (16 messages) and then in HTTP/2's flow control: a slow service makes the client wait.

import type { Call, DuplexStream } from '../../src/contract/grpcCalls.ts';

export class BatchInbox {
  readonly #stream: DuplexStream;
  readonly #call: Call;
  #hasEnded = false;
  #isStopped = false;
  #wake: (() => void) | null = null;

  constructor(stream: DuplexStream, call: Call) {
    this.#stream = stream;
    this.#call = call;
    stream.on('readable', this.#onEvent);
    stream.on('end', this.#onEnd);
    call.signal.addEventListener('abort', this.#onEvent);
    call.stopping.addEventListener('abort', this.#onEvent);
  }

  /** Whether the client has said that it sends no more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The next message; null when there is none: the client has ended, or we stop. Throws when the call is cancelled. */
  async next(): Promise<Buffer | null> {
    for (;;) {
      this.#call.signal.throwIfAborted();
      if (this.#isStopped || this.#call.stopping.aborted) return null;
      const message = this.#stream.read() as Buffer | null;
      if (message !== null) return message;
      if (this.#hasEnded) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }

  /** No more messages are wanted; whoever waits for one gets null. */
  stop(): void {
    this.#isStopped = true;
    this.#wake?.();
  }

  /** Stops listening; what is still unread is thrown away. */
  close(): void {
    this.#stream.off('readable', this.#onEvent);
    this.#stream.off('end', this.#onEnd);
    this.#call.signal.removeEventListener('abort', this.#onEvent);
    this.#call.stopping.removeEventListener('abort', this.#onEvent);
    this.#stream.resume();
  }

  readonly #onEvent = (): void => {
    this.#wake?.();
  };

  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    this.#wake?.();
  };
}
