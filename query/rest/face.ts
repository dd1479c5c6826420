// What every route needs: the deps with their defaults, and the way a query runs: with a deadline, ended
// when the client goes away, and in its turn when it is a long one.

import type { FastifyReply } from 'fastify';
import { AppError } from '../../src/errors.ts';
import { DetectionColumns } from '../../src/model/columns.ts';
import { Admission } from './admission.ts';
import { DEFAULT_REST_LIMITS, type RestDeps, type RestLimits } from './deps.ts';

export interface Face {
  readonly deps: RestDeps;
  readonly limits: RestLimits;
  readonly admission: Admission;
  /** For answers at once: each holds only until the next, so encode it before anything else runs. */
  readonly reused: DetectionColumns;
}

export function faceOf(deps: RestDeps): Face {
  const limits = { ...DEFAULT_REST_LIMITS, ...deps.limits };
  return {
    deps,
    limits,
    admission: new Admission(limits.maxConcurrentQueries, limits.maxWaitingQueries),
    reused: new DetectionColumns(64),
  };
}

/** Runs a query that may take long. The client gets its error even where a store does not heed the signal. */
export async function runQuery<T>(face: Face, reply: FastifyReply, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const timeoutMs = face.limits.requestTimeoutMs;
  const timer = setTimeout(() => {
    const limit = `${String(timeoutMs)} ms`;
    controller.abort(new AppError('deadline_exceeded', `the query took longer than ${limit}`, { details: { limit } }));
  }, timeoutMs);
  const leave = (): void => {
    controller.abort(new AppError('cancelled', 'the client went away'));
  };
  reply.raw.once('close', leave);
  try {
    return await Promise.race([face.admission.run(signal, () => work(signal)), abortOf(signal)]);
  } finally {
    clearTimeout(timer);
    reply.raw.off('close', leave);
  }
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
}
