// How many long queries run at once. A few wait for their turn, in order; more are refused at once, which
// tells the client to slow down while the quick queries stay quick.

import { AppError } from '../../src/errors.ts';

export class Admission {
  readonly #mostRunning: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(mostRunning: number, mostWaiting: number) {
    this.#mostRunning = mostRunning;
    this.#mostWaiting = mostWaiting;
  }

  /** Runs the work when there is room for it. Throws resource_exhausted, or the signal's reason. */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    await this.#enter(signal);
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next !== undefined) next();
      else this.#running--;
    }
  }

  /** A leaver hands its place to the one that waits longest, so #running counts places, not moments. */
  async #enter(signal: AbortSignal): Promise<void> {
    if (this.#running < this.#mostRunning) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= this.#mostWaiting) {
      const limit = `${String(this.#mostRunning)} running and ${String(this.#mostWaiting)} waiting`;
      throw new AppError('resource_exhausted', `too many queries at once (${limit}), try again later`, { details: { limit } });
    }
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal.reason as Error);
      };
      this.#waiting.push(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}
