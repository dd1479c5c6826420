// POST /v1/detections: rows in, the same report as the gRPC face and the CLI out.
//
// 200 when the body could be read, even if some or all rows were rejected: what became of each row is in
// the report, and `rejected` counts those that were not stored. 400 when no row could be made out at all.

import type { FastifyInstance } from 'fastify';
import { AppError } from '../../src/errors.ts';
import type { RejectedRow } from '../../src/store/store.ts';
import { bodyParts } from './body.ts';
import type { DecodedBatch, RestDeps } from './deps.ts';
import type { Face } from './face.ts';
import { NO_PARAMETERS, readParameters } from './parameters.ts';
import { HttpError } from './problem.ts';
import { queryString } from './queryString.ts';

/** Errors that one report lists; more are only counted. */
const MOST_LISTED_ERRORS = 1000;

export function ingestRoute(app: FastifyInstance, face: Face): void {
  const { ingest, decodeBody } = face.deps;

  app.post('/v1/detections', async (request) => {
    readParameters(queryString(request), NO_PARAMETERS);
    if (ingest === undefined || decodeBody === undefined) {
      throw new AppError('failed_precondition', 'this process only answers queries, it takes no detections');
    }
    const parts = decodeBody(request.headers['content-type'] ?? '', bodyParts(request, face.limits.maxBodyBytes));
    return ingestAll(parts, ingest);
  });
}

/** Batch after batch, so that a large body is never whole in memory. Row numbers are those of the body, from 0. */
async function ingestAll(parts: AsyncIterable<DecodedBatch>, ingest: NonNullable<RestDeps['ingest']>): Promise<object> {
  const sum = { accepted: 0, duplicates: 0, rejected: 0 };
  const errors: RejectedRow[] = [];
  let durability: string | null = null;
  const reject = (rejected: readonly RejectedRow[], numberOf: (row: number) => number): void => {
    sum.rejected += rejected.length;
    for (const { row, code, message } of rejected.slice(0, MOST_LISTED_ERRORS - errors.length)) {
      errors.push({ row: numberOf(row), code, message });
    }
  };
  try {
    for await (const { columns, rows, rejected } of parts) {
      reject(rejected, (row) => row);
      const report = await ingest(columns);
      sum.accepted += report.accepted;
      sum.duplicates += report.duplicates;
      durability = report.durability;
      reject(report.rejected, (row) => rows[row]);
    }
  } catch (error) {
    throw bodyError(error, sum.accepted + sum.duplicates);
  }
  errors.sort((a, b) => a.row - b.row);
  return { ...sum, errors, durability };
}

/** What stopped the reading, with how much was stored before: sending the body again does no harm. */
function bodyError(error: unknown, stored: number): unknown {
  if (!(error instanceof AppError)) return error;
  const message = stored === 0 ? error.message : `${error.message}; ${String(stored)} rows before it are stored`;
  if (error.details.field === 'content-type') return new HttpError(415, error.code, message, error.details);
  if (error instanceof HttpError) return new HttpError(error.status, error.code, message, error.details);
  return new AppError(error.code, message, { cause: error.cause, details: error.details });
}
