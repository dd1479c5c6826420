// Objects, the state of the service, health and metrics: small answers, JSON only.

import type { FastifyInstance } from 'fastify';
import { AppError } from '../../src/errors.ts';
import type { DetectionStore, ObjectRecord } from '../../src/store/store.ts';
import { objectById } from '../objectById.ts';
import { status } from '../status.ts';
import { runQuery, type Face } from './face.ts';
import { NO_PARAMETERS, readParameters } from './parameters.ts';
import { queryString } from './queryString.ts';

const READY_TIMEOUT_MS = 2000;

export function statusRoutes(app: FastifyInstance, face: Face): void {
  const { store, version, metrics, notReady } = face.deps;

  // An alias may stand for several objects: all are listed, and the first is what the top level says.
  app.get('/v1/objects/:id', async (request, reply) => {
    readParameters(queryString(request), NO_PARAMETERS);
    const { id } = request.params as { id: string };
    const objects = (await runQuery(face, reply, () => objectById(store, id))).map(shownObject);
    return { ...objects[0], count: objects.length, objects };
  });

  app.get('/v1/status', async (request, reply) => {
    readParameters(queryString(request), NO_PARAMETERS);
    const now = await runQuery(face, reply, () => status(store, version));
    return {
      version: now.version,
      engine: now.engine,
      detections: now.detections,
      objects: now.objects,
      mjd_tai_first: now.mjdTaiFirst,
      mjd_tai_last: now.mjdTaiLast,
      surveys: now.surveys,
      bytes_used: now.bytesUsed,
      bytes_limit: now.bytesLimit,
      durability: now.durability,
      recovery: now.recovery,
      uptime_s: now.uptimeS,
    };
  });

  app.get('/health/live', () => ({ status: 'live' }));

  app.get('/health/ready', async () => {
    const reason = notReady?.() ?? null;
    if (reason !== null) throw new AppError('unavailable', `not ready: ${reason}`);
    await answersAtAll(store);
    return { status: 'ready' };
  });

  app.get('/metrics', async (_request, reply) => {
    if (metrics === undefined) throw new AppError('not_found', 'this process keeps no metrics');
    reply.type(metrics.contentType);
    return metrics.text();
  });
}

/** Asks the store for a row that is not there: a server behind it that is away or hangs makes the service not ready. */
async function answersAtAll(store: DetectionStore): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new AppError('unavailable', `not ready: the store has not answered for ${String(READY_TIMEOUT_MS)} ms`));
    }, READY_TIMEOUT_MS);
  });
  try {
    await Promise.race([store.detection('-', '0'), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function shownObject(object: ObjectRecord): Record<string, unknown> {
  return {
    object_id: object.objectId,
    aliases: object.aliases,
    ra_deg: object.raDeg,
    dec_deg: object.decDeg,
    detections: object.detections,
    mjd_tai_first: object.mjdTaiFirst,
    mjd_tai_last: object.mjdTaiLast,
  };
}
