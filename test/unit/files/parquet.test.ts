import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { readBytes } from './collected.ts';

type Column = Parameters<typeof parquetWriteBuffer>[0]['columnData'][number];
const write = (columnData: Column[]) => new Uint8Array(parquetWriteBuffer({ columnData }));
const ZTF: Column[] = [
  { name: 'i:candid', type: 'INT64', data: [1786104593715015001n, 1786104593715015002n] },
  { name: 'i:jd', type: 'DOUBLE', data: [2_459_000.5, 2_459_001.5] },
  { name: 'i:ra', type: 'DOUBLE', data: [10, NaN] },
  { name: 'i:dec', type: 'DOUBLE', data: [-5, 5] },
  { name: 'i:magpsf', type: 'DOUBLE', data: [18.5, 19] },
  { name: 'i:fid', type: 'INT32', data: [1, 2] },
];

describe('a Parquet file', () => {
  it('of ZTF candidates keeps ids beyond 2^53 and refuses a bad row', async () => {
    const { rows, rejected } = await readBytes('t.parquet', write(ZTF));
    expect(rows).toMatchObject([{ source_id: '1786104593715015001', band: 'g', ra_deg: 10, mag_ab: 18.5 }]);
    expect(rejected).toMatchObject([{ row: 2, message: 'record 2: ra has no value' }]);
  });

  it('of our own columns is read back', async () => {
    const { rows } = await readBytes(
      't.parquet',
      write([
        { name: 'survey', type: 'STRING', data: ['S'] },
        { name: 'source_id', type: 'STRING', data: ['170595940828184637'] },
        { name: 'mjd_tai', type: 'DOUBLE', data: [59_000.5] },
        { name: 'ra_deg', type: 'DOUBLE', data: [10] },
        { name: 'dec_deg', type: 'DOUBLE', data: [5] },
        { name: 'sep_arcsec', type: 'DOUBLE', data: [1] },
      ]),
    );
    expect(rows).toMatchObject([{ survey: 'S', source_id: '170595940828184637', mjd_tai: 59_000.5, ra_deg: 10, dec_deg: 5 }]);
  });

  it('of another table is refused by its columns', async () => {
    const { refusal } = await readBytes('t.parquet', write([{ name: 'apples', type: 'INT32', data: [1] }]));
    expect(refusal?.message).toBe('t.parquet: columns are of no table we know: "apples"');
  });

  it('that makes millions of rows of nothing is refused by a limit', async () => {
    const rows = 1_000_000;
    const bomb = ZTF.map(({ name, type, data }) => ({
      name,
      ...(type === undefined ? {} : { type }),
      data: Array<unknown>(rows).fill(data[0]),
    }));
    const { rows: read, refusal } = await readBytes(
      't.parquet',
      new Uint8Array(parquetWriteBuffer({ columnData: bomb, rowGroupSize: rows })),
    );
    expect(read).toEqual([]);
    expect(refusal).toMatchObject({ code: 'resource_exhausted', message: expect.stringMatching(/6000000 values in \d+ bytes/) });
  });

  it('whose footer is longer than the file is refused before it is read', async () => {
    const bytes = write(ZTF);
    new DataView(bytes.buffer).setUint32(bytes.length - 8, 2 ** 31, true);
    expect((await readBytes('t.parquet', bytes)).refusal?.message).toMatch(/footer says it has 2147483648 bytes/);
  });
});
