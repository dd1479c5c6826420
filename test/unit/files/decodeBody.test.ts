import { tableFromArrays, tableToIPC } from '@uwdata/flechette';
import { describe, expect, it } from 'vitest';
import { decodeBody } from '../../../ingest/rest/decodeBody.ts';
import { collected } from './collected.ts';

const ROW = { survey: 'S', source_id: '170595940828184637', mjd_tai: 59_000.5, ra_deg: 10, dec_deg: 5, band: 'r', mag_ab: 18.5 };
const text = (body: string) => Buffer.from(body);
const read = (contentType: string, body: string | Uint8Array) =>
  collected(decodeBody(contentType, typeof body === 'string' ? text(body) : body));

async function* inPieces(body: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = text(body);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

describe('a body of detections', () => {
  it.each([
    ['application/json', JSON.stringify([ROW])],
    ['application/json; charset=utf-8', JSON.stringify({ detections: [ROW] })],
    ['application/x-ndjson', `${JSON.stringify(ROW)}\n`],
    ['text/csv', 'survey,source_id,mjd_tai,ra_deg,dec_deg,band,mag_ab\nS,170595940828184637,59000.5,10,5,r,18.5'],
    [
      'application/vnd.apache.arrow.stream',
      tableToIPC(tableFromArrays(Object.fromEntries(Object.entries(ROW).map(([name, value]) => [name, [value]]))), { format: 'stream' }) ??
        '',
    ],
  ])('is the same detection as %s', async (contentType, body) => {
    const { rows, rejected, refusal } = await read(contentType, body);
    expect([rejected, refusal]).toEqual([[], null]);
    expect(rows).toMatchObject([ROW]);
  });

  it('numbers its rows from 0, refused ones too, across batches', async () => {
    const lines = Array.from({ length: 2_500 }, (_, i) =>
      JSON.stringify({ ...ROW, source_id: String(i), dec_deg: i % 1_000 === 7 ? 91 : 5 }),
    );
    const seen: { firstRow: number; rows: number[] }[] = [];
    const refused: number[] = [];
    for await (const { firstRow, rows, rejected } of decodeBody('application/x-ndjson', inPieces(lines.join('\n'), 1_000))) {
      seen.push({ firstRow, rows: [...rows] });
      refused.push(...rejected.map(({ row }) => row));
    }
    expect(refused).toEqual([7, 1_007, 2_007]);
    expect(seen.map(({ firstRow }) => firstRow)).toEqual([0, 1_000, 2_000]);
    expect(seen.flatMap(({ rows }) => rows)).toEqual(Array.from({ length: 2_500 }, (_, i) => i).filter((i) => i % 1_000 !== 7));
  });

  it('in NDJSON loses a bad line only', async () => {
    const { numbers, rejected } = await read(
      'application/x-ndjson',
      `${JSON.stringify(ROW)}\n{"survey":\n\n[1]\n"\xff"\n${JSON.stringify(ROW)}`,
    );
    expect(numbers).toEqual([0, 4]);
    expect(rejected.map(({ row, message }) => [row, message.slice(0, 14)])).toEqual([
      [1, 'line 2: is not'],
      [2, 'line 4: is a l'],
      [3, 'line 5: is "ÿ"'],
    ]);
  });

  it('in NDJSON may have any number of lines but none without end', async () => {
    const { rejected } = await read('application/x-ndjson', `[${'1,'.repeat(1_000_000)}1]\n${JSON.stringify(ROW)}`);
    expect(rejected).toMatchObject([{ row: 0, message: 'line 1: longer than 1048576 bytes' }]);
  });

  it('keeps every digit of an id that is a JSON number beyond 2^53', async () => {
    const body = JSON.stringify(ROW).replace('"170595940828184637"', '170595940828184637');
    for (const contentType of ['application/json', 'application/x-ndjson']) {
      const { rows, rejected } = await read(contentType, contentType === 'application/json' ? `[${body}]` : body);
      expect(rejected).toEqual([]);
      expect(rows).toMatchObject([ROW]);
    }
  });

  it('takes no right ascension below 0', async () => {
    const { rejected } = await read('text/csv', 'survey,source_id,mjd_tai,ra_deg,dec_deg\nS,1,59000,-1,5\n');
    expect(rejected).toMatchObject([{ row: 0, message: 'line 2: ra_deg is -1, must be from 0 to 360' }]);
  });

  it.each([
    ['text/html', '', /content-type is "text\/html", must be one of application\/json/],
    ['application/json; charset=latin1', '[]', /charset is "latin1"/],
    ['application/json', '{"rows":[]}', /list of detections/],
    ['application/json', '[1', /not JSON/],
    ['application/json', new Uint8Array([0x22, 0xff, 0x22]), /not JSON in UTF-8/],
    ['text/csv', 'a,b\n1,2', /header lacks/],
    ['application/vnd.apache.arrow.stream', new Uint8Array(64).fill(7), /Arrow stream cannot be read/],
  ])('as %s with %j is refused whole', async (contentType, body, message) => {
    const { rows, refusal } = await read(contentType, body);
    expect(rows).toEqual([]);
    expect(refusal?.message).toMatch(message);
  });
});
