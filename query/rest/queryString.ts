import type { FastifyRequest } from 'fastify';

/** What stands after the `?` of the URL, as it came; '' without one. */
export function queryString(request: FastifyRequest): string {
  const url = request.raw.url ?? '';
  const at = url.indexOf('?');
  return at === -1 ? '' : url.slice(at + 1);
}
