import type { ErrorCode } from '../errors.ts';

/** A row that was not taken, and why. A row in error is data, not an exception. */
export interface RejectedRow {
  /** Index in the batch as it was given. */
  readonly row: number;
  readonly code: ErrorCode;
  readonly message: string;
}
