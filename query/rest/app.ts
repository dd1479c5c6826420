// The REST face: fastify, the routes, and how errors leave. Deps are given, so the same app runs in the
// main thread, in a query thread, or in a test.

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { checkRequest } from '../../src/contract/validate.ts';
import type { RestDeps } from './deps.ts';
import { bodyRoutes } from './bodyRoutes.ts';
import { docs } from './docs.ts';
import { faceOf, type Face } from './face.ts';
import { hotCone } from './hotCone.ts';
import { ingestRoute } from './ingestRoute.ts';
import { nightRoutes } from './nightRoutes.ts';
import { HttpError, PROBLEM_TYPE, problemOf, shownError } from './problem.ts';
import { rowRoutes } from './rowRoutes.ts';
import { statusRoutes } from './statusRoutes.ts';

/** Longest path segment: an id of 256 characters, each as three percent-encoded bytes and more. */
const MAX_SEGMENT_LENGTH = 4096;
/** Longer than the idle time of usual proxies and clients, so that they close first. */
const KEEP_ALIVE_MS = 72_000;

export function buildApp(deps: RestDeps): FastifyInstance {
  compileSchemas();
  const face = faceOf(deps);
  const sendError = errorSender(face);
  const fastLane = hotCone(face);
  let isClosing = false;
  const app = fastify({
    logger: false,
    serverFactory: (handler) => {
      const server = createServer((request, response) => {
        if (isClosing || !fastLane(request, response)) handler(request, response);
      });
      server.keepAliveTimeout = KEEP_ALIVE_MS;
      server.setTimeout(face.limits.requestTimeoutMs + face.limits.stalledTimeoutMs);
      return server;
    },
    genReqId: requestIds(),
    bodyLimit: face.limits.maxBodyBytes,
    frameworkErrors: sendError,
    // Parameters are read from the URL by each route's own table (parameters.ts).
    routerOptions: { maxParamLength: MAX_SEGMENT_LENGTH, querystringParser: () => ({}) },
  });

  app.addHook('preClose', (done) => {
    isClosing = true;
    done();
  });
  app.setErrorHandler(sendError);
  app.setNotFoundHandler((request, reply) => {
    const path = request.raw.url?.split('?', 1)[0] ?? '';
    sendError(new HttpError(404, 'not_found', `there is no ${request.method} ${path}; see /docs`), request, reply);
  });
  // Bodies are read by the routes, as streams and with their limit.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => {
    done(null, payload);
  });
  const { metrics } = deps;
  if (metrics !== undefined) {
    app.addHook('onResponse', (request, reply, done) => {
      metrics.observeRequest(request.routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime / 1000);
      done();
    });
  }

  rowRoutes(app, face);
  nightRoutes(app, face);
  statusRoutes(app, face);
  bodyRoutes(app, face);
  ingestRoute(app, face);
  docs(app, deps.version);
  return app;
}

/** Now and not with the first request, which would wait for it. */
function compileSchemas(): void {
  const place = { raDeg: 0, decDeg: 0 };
  checkRequest('ConeRequest', place);
  checkRequest('NearestRequest', place);
  checkRequest('LightCurveRequest', place);
  checkRequest('CrossMatchRequest', { positions: [place] });
  checkRequest('Filter', {});
  checkRequest('Page', {});
}

function errorSender(face: Face): (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => void {
  return (thrown, request, reply) => {
    const { error, status } = shownError(thrown, face.limits.maxBodyBytes);
    if (status >= 500)
      face.deps.log?.error({ requestId: request.id, method: request.method, code: error.code, err: error.cause ?? error }, error.message);
    if (status === 429 || status === 503) reply.header('retry-after', '1');
    void reply
      .code(status)
      .type(PROBLEM_TYPE)
      .header('x-request-id', request.id)
      .send(JSON.stringify(problemOf(error, request.id, status)));
  };
}

/** The client's own X-Request-Id where it is a plain word, else a random start and a count. */
function requestIds(): (request: { headers: Record<string, string | string[] | undefined> }) => string {
  const start = randomBytes(6).toString('base64url');
  let count = 0;
  return ({ headers }) => {
    const own = headers['x-request-id'];
    return typeof own === 'string' && /^[\w.:-]{1,128}$/.test(own) ? own : `${start}-${(++count).toString(36)}`;
  };
}
