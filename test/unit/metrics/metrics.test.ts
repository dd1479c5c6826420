import { describe, expect, it } from 'vitest';
import { Metrics } from '../../../src/metrics.ts';
import { openBruteStore } from '../../support/bruteStore.ts';
import { columnsOf } from '../../support/detections.ts';

describe('the metrics', () => {
  it('show what the store holds at the first scrape', async () => {
    const store = await openBruteStore();
    await store.put(columnsOf([{ sourceId: 1, raDeg: 1, decDeg: 1, mjdTai: 60_000 }]));
    const metrics = new Metrics('1.2.3');
    metrics.watchStore(store);
    const text = await metrics.text();
    expect(text).toContain('\nnightjar_store_rows 1\n');
    expect(text).toContain('\nnightjar_store_up_count 1\n');
    expect(text).toContain('nightjar_build_info{version="1.2.3"');
  });

  it('say that the store is down when it does not answer, and still come', async () => {
    const store = await openBruteStore();
    const metrics = new Metrics('1.2.3');
    metrics.watchStore({ ...store, summary: () => Promise.reject(new Error('away')) });
    expect(await metrics.text()).toContain('\nnightjar_store_up_count 0\n');
  });

  it('add up the counts of several threads', async () => {
    const main = new Metrics('1.2.3');
    const thread = new Metrics('1.2.3', { isMain: false });
    main.observeRequest('rest', '/v1/cone', '200', 0.002);
    thread.observeRequest('rest', '/v1/cone', '200', 0.004);
    thread.observeIngest('rest', { accepted: 3, duplicates: 2, rejected: 1 }, 0.01);
    const text = await main.text([await thread.counted()]);
    expect(text).toContain('nightjar_request_seconds_count{face="rest",route="/v1/cone",code="200"} 2\n');
    expect(text).toContain('nightjar_ingest_rows_total{face="rest",result="duplicate"} 2\n');
    expect(text).toContain('nightjar_build_info');
  });
});
