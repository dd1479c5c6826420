// /openapi.json and /docs, a page that needs no network beyond this service.

import swagger, { type StaticDocumentSpec } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { openApiDocument } from './openApi.ts';

export function docs(app: FastifyInstance, version: string): void {
  // OpenAPI 3.1, for which @fastify/swagger has no type of its own
  const document = openApiDocument(version) as StaticDocumentSpec['document'];
  app.get('/openapi.json', () => document);
  void app.register(swagger, { mode: 'static', specification: { document } });
  void app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { docExpansion: 'list', deepLinking: true } });
}
