// The closed list of error codes. Each face translates a code once (contract/status.ts).

export const ERROR_CODES = [
  'invalid_argument',
  'not_found',
  'already_exists',
  'failed_precondition',
  'resource_exhausted',
  'unauthenticated',
  'permission_denied',
  'cancelled',
  'deadline_exceeded',
  'unavailable',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What the caller did wrong, precisely: which field, which value, which limit. */
export interface ErrorDetails {
  readonly field?: string;
  readonly value?: string;
  readonly limit?: string;
}

/**
 * The only error that crosses a layer. The message says what was wrong, the value and the limit,
 * in lower case without a full stop: `radius_deg is 200, must be at most 180`.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: ErrorDetails } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** `radius_deg is 200, must be at most 180`, with the three parts kept for machines. */
export function invalidArgument(field: string, value: unknown, limit: string): AppError {
  const shown = shownValue(value);
  return new AppError('invalid_argument', `${field} is ${shown}, must be ${limit}`, {
    details: { field, value: shown, limit },
  });
}

/** A value as an error shows it: text in quotes, cut at 80 characters. */
export function shownValue(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
