import { afterAll, describe, it } from 'vitest';
import { openTile38Store } from '../../src/store/tile38/tile38Store.ts';
import { startTile38 } from '../support/redisServer.ts';
import { storeSuite } from './suite.ts';

const UNIX_EPOCH_MJD = 40_587;
const WINDOW_NIGHTS = 15;

const server = await startTile38();
let stores = 0;
afterAll(() => server?.stop());

if (server === null) {
  describe.skip('tile38 store', () => it('needs tile38-server'));
} else {
  // The suite's nights, all of them within the window and none in the future.
  const firstNight = Math.floor(Date.now() / 86_400_000) + UNIX_EPOCH_MJD - 10;
  storeSuite(
    'tile38 store',
    (radiusArcsecBySurvey) =>
      openTile38Store({ url: server.url, radiusArcsecBySurvey, windowNights: WINDOW_NIGHTS, keyPrefix: `t${String(stores++)}` }),
    {
      liveWindow: { firstNight, nights: WINDOW_NIGHTS },
    },
  );
}
