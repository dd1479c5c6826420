// Errors as RFC 9457 problem documents. The code is one of the closed list; `field`, `value` and `limit`
// say what to change. A stack or the text of an unknown error never leaves the service.

import { appErrorOf, httpStatusOf } from '../../src/contract/status.ts';
import { AppError, type ErrorCode } from '../../src/errors.ts';

export const PROBLEM_TYPE = 'application/problem+json';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly field?: string;
  readonly value?: string;
  readonly limit?: string;
  readonly requestId: string;
}

const TITLES: Readonly<Record<ErrorCode, string>> = {
  invalid_argument: 'Invalid argument',
  not_found: 'Not found',
  already_exists: 'Already exists',
  failed_precondition: 'Failed precondition',
  resource_exhausted: 'Resource exhausted',
  unauthenticated: 'Unauthenticated',
  permission_denied: 'Permission denied',
  cancelled: 'Cancelled',
  deadline_exceeded: 'Deadline exceeded',
  unavailable: 'Unavailable',
  internal: 'Internal error',
};

/** `status` where HTTP has a closer one than the code's own, such as 413 or 415. */
export function problemOf(error: AppError, requestId: string, status = httpStatusOf(error.code)): Problem {
  const { field, value, limit } = error.details;
  return {
    type: 'about:blank',
    title: TITLES[error.code],
    status,
    detail: error.message,
    code: error.code,
    ...(field !== undefined && { field }),
    ...(value !== undefined && { value }),
    ...(limit !== undefined && { limit }),
    requestId,
  };
}

/** An error that HTTP has a status of its own for. */
export class HttpError extends AppError {
  readonly status: number;

  constructor(status: number, code: ErrorCode, message: string, details: AppError['details'] = {}) {
    super(code, message, { details });
    this.status = status;
  }
}

/** Whatever was thrown, fastify's own errors among it, as what may be shown. */
export function shownError(thrown: unknown, bodyLimitBytes: number): { error: AppError; status: number } {
  if (thrown instanceof HttpError) return { error: thrown, status: thrown.status };
  const fastifyStatus = fastifyStatusOf(thrown);
  if (fastifyStatus === 413) {
    const limit = `${String(bodyLimitBytes)} bytes`;
    const error = new AppError('resource_exhausted', `the body is larger than ${limit}`, { details: { field: 'body', limit } });
    return { error, status: 413 };
  }
  if (fastifyStatus === 415) {
    return {
      error: new AppError('invalid_argument', 'this content type is not taken here', { details: { field: 'content-type' } }),
      status: 415,
    };
  }
  if (fastifyStatus !== null && fastifyStatus < 500) {
    const message = (thrown as Error).message.toLowerCase();
    return { error: new AppError('invalid_argument', message), status: fastifyStatus };
  }
  const error = appErrorOf(thrown);
  return { error, status: httpStatusOf(error.code) };
}

function fastifyStatusOf(thrown: unknown): number | null {
  if (!(thrown instanceof Error) || thrown instanceof AppError) return null;
  if (!('statusCode' in thrown) || !('code' in thrown)) return null;
  const { statusCode, code } = thrown;
  return typeof statusCode === 'number' && typeof code === 'string' && code.startsWith('FST_') ? statusCode : null;
}
