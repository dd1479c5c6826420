// Long work in slices.

import { AppError } from '../../errors.ts';

/** Lets the event loop run, then goes on unless the query was cancelled. */
export async function nextTurn(signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  checkSignal(signal);
}

export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new AppError('cancelled', 'the query was cancelled', { cause: signal.reason });
}
