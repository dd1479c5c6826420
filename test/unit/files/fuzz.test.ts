// Files as they come broken: cut anywhere, bits flipped. Whatever is done to them, a reader gives rows in
// range or says what is wrong; it never fails in another way, and formats with checks of their own load
// nothing of a file that is cut.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { readBytes } from './collected.ts';

const SAMPLE = fileURLToPath(new URL('../../../sample/', import.meta.url));
const ADES_XML =
  '<?xml version="1.0" encoding="UTF-8"?>\n<ades version="2022"><obsBlock><obsData>' +
  '<optical><trkSub>a1</trkSub><stn>G96</stn><obsTime>2013-10-04T08:05:24.576Z</obsTime><ra>17.75174</ra><dec>20.21894</dec></optical>'.repeat(
    5,
  ) +
  '</obsData></obsBlock></ades>\n';
const ADES_PSV =
  '# version=2022\npermID |stn |obsTime                 |ra      |dec     |mag |band\n' +
  '433    |G96 |2013-10-04T08:05:24.576Z|17.75174|20.21894|17.9|V\n'.repeat(5);
const MPC80 =
  '00433         C1995 08 05.98492 00 28 25.28 +16 00 47.7          12.5 Rz25470046\n' +
  '00433         S2011 10 23.34124006 53 03.495+46 43 06.69               X~7lwF275\n' +
  '00433         s2011 10 23.3412401 + 4353.0030 -  481.6100 + 1382.3400   ~7lwF275\n';

const SOURCES: readonly { name: string; bytes: Buffer; turns: number; isChecked: boolean }[] = [
  { name: 'a.avro', bytes: readFileSync(`${SAMPLE}ztf-2475433850315015009.avro`), turns: 100, isChecked: true },
  { name: 'a.csv.gz', bytes: readFileSync(`${SAMPLE}ztf-asteroids-2020-05.csv.gz`), turns: 10, isChecked: true },
  { name: 'a.csv', bytes: gunzipSync(readFileSync(`${SAMPLE}ztf-alerts.csv.gz`)).subarray(0, 8_000), turns: 60, isChecked: false },
  { name: 'a.xml', bytes: Buffer.from(ADES_XML), turns: 60, isChecked: false },
  { name: 'a.psv', bytes: Buffer.from(ADES_PSV), turns: 60, isChecked: false },
  { name: 'a.obs', bytes: Buffer.from(MPC80), turns: 60, isChecked: false },
  { name: 'a.parquet', bytes: parquetFile(), turns: 4, isChecked: true },
];

describe.each(SOURCES)('$name', ({ name, bytes, turns, isChecked }) => {
  const random = randomFrom(20_261_125);

  it('may be cut anywhere', async () => {
    for (let turn = 0; turn < turns; turn++) {
      const { rows, rejected, refusal } = await readBytes(name, bytes.subarray(0, Math.floor(random() * bytes.length)));
      if (isChecked) {
        expect(refusal).not.toBeNull();
        expect(rows).toEqual([]);
      }
      expect(rows.length + rejected.length).toBeLessThan(10_000);
    }
  });

  it('may have bits flipped', async () => {
    for (let turn = 0; turn < turns; turn++) {
      const broken = Buffer.from(bytes);
      for (let flips = 1 + Math.floor(random() * 4); flips > 0; flips--)
        broken[Math.floor(random() * broken.length)] ^= 1 << Math.floor(random() * 8);
      const { rows, rejected, refusal } = await readBytes(name, broken);
      for (const row of rows) {
        expect(row['ra_deg']).toBeGreaterThanOrEqual(0);
        expect(row['ra_deg']).toBeLessThan(360);
        expect(Math.abs(Number(row['dec_deg']))).toBeLessThanOrEqual(90);
      }
      for (const { message } of rejected) expect(message).toMatch(/^(?:line|record) \d+/);
      if (refusal !== null) expect(refusal.message.startsWith(`${name}: `)).toBe(true);
    }
  });
});

function parquetFile(): Buffer {
  const n = 50;
  const column = (column: string, type: 'INT64' | 'DOUBLE' | 'STRING', value: (i: number) => unknown) => ({
    name: column,
    type,
    data: Array.from({ length: n }, (_, i) => value(i)),
  });
  return Buffer.from(
    parquetWriteBuffer({
      columnData: [
        column('candid', 'INT64', (i) => BigInt(i) + 2n ** 60n),
        column('jd', 'DOUBLE', (i) => 2_459_000.5 + i),
        column('ra', 'DOUBLE', (i) => i),
        column('dec', 'DOUBLE', (i) => -i),
        column('magpsf', 'DOUBLE', (i) => (i % 3 === 0 ? null : 18)),
        column('objectId', 'STRING', (i) => `ZTF${String(i % 5)}`),
      ],
    }),
  );
}

/** Linear congruential, so that a failure can be had again. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
