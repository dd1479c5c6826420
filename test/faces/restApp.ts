// The REST app over the reference store, for tests by inject.

import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { decodeBody } from '../../ingest/rest/decodeBody.ts';
import { ingestDetections } from '../../ingest/ingestDetections.ts';
import { buildApp } from '../../query/rest/app.ts';
import type { RestDeps } from '../../query/rest/deps.ts';
import type { DetectionColumns } from '../../src/model/columns.ts';
import type { DetectionStore } from '../../src/store/store.ts';
import { openBruteStore } from '../support/bruteStore.ts';
import { columnsOf, type DetectionRow } from '../support/detections.ts';

export interface RestApp {
  readonly app: FastifyInstance;
  readonly store: DetectionStore;
  readonly get: (url: string, headers?: Record<string, string>) => Promise<LightMyRequestResponse>;
  readonly post: (
    url: string,
    contentType: string,
    payload: InjectOptions['payload'],
    headers?: Record<string, string>,
  ) => Promise<LightMyRequestResponse>;
}

export async function openRestApp(rows: readonly DetectionRow[], deps: Partial<RestDeps> = {}): Promise<RestApp> {
  const store = deps.store ?? (await openBruteStore());
  if (rows.length > 0) await store.put(columnsOf(rows));
  const app = buildApp({ store, version: '0.0-test', ingest: (columns) => ingestDetections(store, columns), decodeBody, ...deps });
  return {
    app,
    store,
    get: (url, headers = {}) => app.inject({ url, headers }),
    post: (url, contentType, payload, headers = {}) =>
      app.inject({ method: 'POST', url, headers: { 'content-type': contentType, ...headers }, ...(payload !== undefined && { payload }) }),
  };
}

/** Two objects near (10, 20) with all kinds of rows, and one elsewhere. */
export const SKY: readonly DetectionRow[] = [
  {
    sourceId: '9223372036854775807', raDeg: 10, decDeg: 20, mjdTai: 60_000.25, band: 'g', station: 'I41', exposureId: 170_587_115_523_932_323n,
    detector: 3, flags: 18_446_744_073_709_551_615n, magAb: 18.123, magErr: 0.05, reliability: 0.65, diffFluxNjy: -123.456, exptimeS: 30, objectId: 'ZTF18abc',
  },
  { sourceId: 'ZTF"17,0', raDeg: 10.0001, decDeg: 20, mjdTai: 60_001.5, band: 'r', kind: 'upper_limit', magLimitAb: 20.5 },
  { sourceId: '=1+1', raDeg: 10.0002, decDeg: 20, mjdTai: 60_001.5, band: 'r', survey: 'LSST', kind: 'forced', sciFluxNjy: 1e-7, snr: 3e9 },
  { sourceId: 'é<&>', raDeg: 10.0001, decDeg: 20.0001, mjdTai: 60_002.123456789, magAb: 21 },
  { sourceId: '-5', raDeg: 200, decDeg: -45.5, mjdTai: 60_002.5, band: 'i', magAb: 17 },
]; // prettier-ignore

export const CONE = '/v1/cone?ra=10&dec=20&radius_arcsec=5';

export interface ProblemBody {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly field?: string;
  readonly value?: string;
  readonly limit?: string;
  readonly requestId: string;
}

/** The store with a cone that is always these rows, at once. */
export function withImmediateCone(store: DetectionStore, rows: DetectionColumns): DetectionStore {
  const no = (): boolean => false;
  return {
    cone: (cone, query) => store.cone(cone, query),
    region: (region, query) => store.region(region, query),
    nearest: (at, k, query) => store.nearest(at, k, query),
    lightCurve: (id, query) => store.lightCurve(id, query),
    night: (night, query) => store.night(night, query),
    detection: (survey, sourceId) => store.detection(survey, sourceId),
    objects: (id) => store.objects(id),
    summary: () => store.summary(),
    put: (batch) => store.put(batch),
    evictBefore: (mjdTai) => store.evictBefore(mjdTai),
    close: () => store.close(),
    immediate: {
      coneNow: (_cone, query, out) => {
        out.length = 0;
        for (let row = 0; row < Math.min(rows.length, query.limit); row++) out.copyRow(rows, row);
        return true;
      },
      nearestNow: no,
      lightCurveNow: no,
      detectionNow: no,
    },
  };
}
