// What the REST app is given in the main thread and in query threads alike.

import type { RestLimits, RestMetrics } from '../query/rest/deps.ts';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

export function restMetrics(metrics: Metrics, log: Log, text: () => Promise<string>): RestMetrics {
  return {
    observeRequest(route, status, seconds) {
      metrics.observeRequest('rest', route, String(status), seconds);
      if (log.isLevelEnabled('debug')) log.debug({ face: 'rest', method: route, code: status, ms: seconds * 1000 }, 'request');
    },
    observeRows(route, rows) {
      metrics.observeRows('rest', route, rows);
    },
    contentType: metrics.contentType,
    text,
  };
}

export function restLimits({ requestTimeoutMs, maxBodyMb }: Pick<Config, 'requestTimeoutMs' | 'maxBodyMb'>): Partial<RestLimits> {
  return { requestTimeoutMs, maxBodyBytes: maxBodyMb * 1024 * 1024 };
}
