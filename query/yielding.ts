// Long answers share the thread: other requests get a turn at least every few milliseconds.

import { setImmediate } from 'node:timers/promises';

const TURN_MS = 4;

/**
 * Call between steps with the start of the current turn; gives the start of the turn that goes on. Lets the
 * event loop run when the turn is over, and throws the signal's reason when it was aborted.
 */
export async function yieldToEventLoop(turnStartMs: number, signal?: AbortSignal): Promise<number> {
  if (performance.now() - turnStartMs < TURN_MS) return turnStartMs;
  await setImmediate();
  signal?.throwIfAborted();
  return performance.now();
}
