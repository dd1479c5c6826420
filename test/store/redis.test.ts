import { afterAll, describe, it } from 'vitest';
import { openRedisStore } from '../../src/store/redis/redisStore.ts';
import { startRedis } from '../support/redisServer.ts';
import { storeSuite } from './suite.ts';

const server = await startRedis();
let stores = 0;
afterAll(() => server?.stop());

if (server === null) describe.skip('redis store', () => it('needs redis-server'));
else
  storeSuite('redis store', (radiusArcsecBySurvey) =>
    openRedisStore({ url: server.url, radiusArcsecBySurvey, keyPrefix: `t${String(stores++)}`, expectedRows: 10_000 }),
  );
