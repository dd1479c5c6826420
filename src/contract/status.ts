// The one table of error codes as each face says them: gRPC status number, HTTP status.

import { AppError, type ErrorCode } from '../errors.ts';

interface FaceStatus {
  readonly grpc: number;
  readonly http: number;
}

// gRPC numbers: https://grpc.github.io/grpc/core/md_doc_statuscodes.html. HTTP as in google/rpc/code.proto,
// except failed_precondition, which is 409 here: what stands in the way is a state, not the request.
const FACE_STATUS: Readonly<Record<ErrorCode, FaceStatus>> = {
  invalid_argument: { grpc: 3, http: 400 },
  not_found: { grpc: 5, http: 404 },
  already_exists: { grpc: 6, http: 409 },
  failed_precondition: { grpc: 9, http: 409 },
  resource_exhausted: { grpc: 8, http: 429 },
  unauthenticated: { grpc: 16, http: 401 },
  permission_denied: { grpc: 7, http: 403 },
  cancelled: { grpc: 1, http: 499 },
  deadline_exceeded: { grpc: 4, http: 504 },
  unavailable: { grpc: 14, http: 503 },
  internal: { grpc: 13, http: 500 },
};

export function grpcStatusOf(code: ErrorCode): number {
  return FACE_STATUS[code].grpc;
}

export function httpStatusOf(code: ErrorCode): number {
  return FACE_STATUS[code].http;
}

/**
 * Whatever was thrown, as an AppError that may be shown: an aborted signal is cancelled, a timed-out one
 * deadline_exceeded, anything unknown an internal error whose own message stays in `cause` for the log.
 */
export function appErrorOf(thrown: unknown): AppError {
  if (thrown instanceof AppError) return isLate(thrown) ? new AppError('deadline_exceeded', LATE, { cause: thrown }) : thrown;
  if (thrown instanceof Error) {
    if (thrown.name === 'AbortError') return new AppError('cancelled', 'cancelled by the caller', { cause: thrown });
    if (thrown.name === 'TimeoutError') return new AppError('deadline_exceeded', LATE, { cause: thrown });
  }
  return new AppError('internal', 'internal error', { cause: thrown });
}

const LATE = 'the deadline has passed';

/** Whoever stops work for an aborted signal says cancelled, with the signal's reason as the cause. */
function isLate(error: AppError): boolean {
  return error.code === 'cancelled' && error.cause instanceof Error && error.cause.name === 'TimeoutError';
}
