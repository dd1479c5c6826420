// Every file of the shared set of dirty input, one by one: docs/data-model.md, "What a reader accepts", is
// the rule, and this table is what the rule makes of each file.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ingestDetections } from '../../../ingest/ingestDetections.ts';
import { readDetections } from '../../../ingest/files/readFile.ts';
import { openBruteStore } from '../../support/bruteStore.ts';
import { sharedDataDir } from '../../support/sharedData.ts';
import { type Collected, readAll } from './collected.ts';

/** Rows taken, numbers of the rows refused, and what else must be so. */
interface Taken {
  readonly good: number;
  readonly bad?: readonly number[];
  /** Of each refusal, in order. */
  readonly messages?: readonly RegExp[];
  readonly also?: (result: Collected) => void;
}
/** The file as a whole is refused, with nothing taken. */
interface Refused {
  readonly refused: RegExp;
}

const ids = ({ rows }: Collected) => rows.map((row) => row['source_id']);
const column = (result: Collected, name: string) => result.rows.map((row) => row[name]);
const all = (good: number): Taken => ({ good });
const notUtf8Xml: Refused = { refused: /must be in UTF-8|not UTF-8|must be UTF-8/ };
const cut: Refused = { refused: /avro block at byte \d+ ends at byte \d+, the file at \d+/ };
/** The control alert: the candidate, 11 earlier detections, 4 limits. */
const CONTROL_ROWS = 16;

const EXPECTED: Readonly<Record<string, Taken | Refused>> = {
  'csv/nan_inf_coords.csv': { good: 0, bad: [1, 2, 3, 4, 5, 6, 7, 8], messages: Array<RegExp>(8).fill(/ra_deg/) },
  'csv/nan_mixed.csv': { good: 7, bad: [4], messages: [/^line 5: dec_deg has no value/] },
  'csv/ra_360.csv': {
    good: 6,
    bad: [3, 8],
    messages: [/^line 4: ra_deg is 360.0000001/, /^line 9: ra_deg is 720/],
    also: (result) => {
      expect(column(result, 'ra_deg')).toEqual([0, 0, 359.9999999999, 0, 0, 0]);
    },
  },
  'csv/dec_out_of_range.csv': {
    good: 3,
    bad: [3, 4, 5, 6, 7],
    also: (result) => {
      expect(column(result, 'dec_deg')).toEqual([90, -90, 0]);
    },
  },
  'csv/dup_id_conflict.csv': all(5),
  'csv/dup_id_exact.csv': all(5),
  'csv/mjd_reduced_hjd.csv': {
    good: 1,
    bad: [1, 2, 3, 4, 6, 7, 8],
    messages: [/7439.83551/, /8171/, /5264/, /2127/, /mjd_utc is 0,/, /mjd_utc is -1,/, /1000000000/],
  },
  'csv/mjd_iso_text.csv': { good: 0, bad: [1, 2, 3, 4, 5, 6, 7, 8] },
  'csv/mag_sentinels.csv': {
    good: 8,
    also: ({ rows }) => {
      for (const row of rows) expect([row['mag_ab'], row['mag_err']]).toEqual([undefined, undefined]);
    },
  },
  'csv/non_utf8_names.csv': { good: 2, bad: [1], messages: [/^line 2: field 2 is not UTF-8/] },
  'csv/utf8_bom.csv': all(8),
  'csv/utf16le.csv': { refused: /UTF-16, must be UTF-8/ },
  'csv/ids_gt_2p53.csv': {
    good: 8,
    also: (result) => {
      const exact = ['170595940828184636', '170595940828184637', '9007199254740993', '9007199254740992'];
      expect(ids(result)).toEqual([...exact, '18446744073709551615', '-9223372036854775808', '00123', '1e3']);
    },
  },
  'csv/proto_names.csv': {
    good: 8,
    also: (result) => {
      const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', undefined, 'null', 'undefined'];
      expect(column(result, 'object_id')).toEqual(names);
      expect(({} as Record<string, unknown>)['survey']).toBeUndefined();
    },
  },
  'csv/html_formula_names.csv': {
    good: 8,
    also: (result) => {
      expect(column(result, 'object_id').slice(0, 3)).toEqual(['<script>alert(1)</script>', '=HYPERLINK("http://x")', '=1+1']);
    },
  },
  'csv/empty_file.csv': { refused: /no header/ },
  'csv/whitespace_only.csv': { refused: /no header/ },
  'csv/header_only.csv': all(0),
  'csv/crlf.csv': all(8),
  'csv/cr_only.csv': all(8),
  'csv/no_final_newline.csv': all(8),
  'csv/missing_column_mag_err.csv': {
    good: 8,
    also: (result) => {
      expect(column(result, 'mag_err')).toEqual(Array(8).fill(undefined));
      expect(column(result, 'mag_ab')).not.toContain(undefined);
    },
  },
  'csv/reordered_columns.csv': {
    good: 8,
    also: (result) => {
      expect(result.rows[0]).toMatchObject({ source_id: '1219148264815015005', ra_deg: 142.7163991, survey: 'ZTF', band: 'r' });
    },
  },
  'csv/duplicate_column.csv': { refused: /two columns for ra_deg/ },
  'csv/ragged_rows.csv': { good: 3, bad: [2, 3], messages: [/^line 3: has 5 fields, the header has 11/, /^line 4: has 13 fields/] },
  'csv/quoted_newline.csv': {
    good: 2,
    also: (result) => {
      expect(column(result, 'object_id')).toEqual(['two\nlines, and "quotes"', '82882']);
    },
  },
  'csv/unclosed_quote.csv': { refused: /line 2: the quote opened here is never closed/ },
  'csv/header_repeated.csv': { good: 8, bad: [5], messages: [/^line 6: /] },
  'csv/nul_byte.csv': { good: 7, bad: [1], messages: [/NUL/] },
  'csv/number_forms.csv': {
    good: 3,
    bad: [1, 2, 6, 7, 8],
    also: (result) => {
      expect(column(result, 'ra_deg')).toEqual([150, 150.1, 150.1]);
    },
  },
  'csv/long_field_2MB.csv.gz': { good: 7, bad: [1], messages: [/^line 2: field 2 is longer than 65536 bytes/] },
  'csv/truncated.csv.gz': { refused: /gzip ends early/ },
  'csv/trailing_garbage.csv.gz': { refused: /gzip is damaged or followed by other bytes/ },
  'csv/inflates_200MB.csv.gz': { refused: /inflates to more than 200 times its size/ },
  'csv/not_csv.json': { refused: /JSON/ },
  'edge_valid/ra_wrap.csv': all(6),
  'edge_valid/same_place_5000.csv.gz': {
    good: 5000,
    also: ({ largestBatch }) => {
      expect(largestBatch).toBe(1000);
    },
  },
  'edge_valid/bright_negative_mag.csv': {
    good: 8,
    also: (result) => {
      expect(column(result, 'mag_ab').map((mag) => Number(mag).toFixed(2))).toEqual([
        '-1.46',
        '-26.74',
        '-4.90',
        '0.03',
        '-0.74',
        '30.50',
        '25.43',
        '12.00',
      ]);
    },
  },
  'avro/truncated_half.avro': cut,
  'avro/truncated_last_byte.avro': cut,
  'avro/magic_only.avro': { refused: /avro header/ },
  'avro/zero.avro': { refused: /empty/ },
  'avro/trailing_garbage.avro': { refused: /avro block at byte 70596/ },
  'avro/two_alerts_joined.avro': { refused: /joined files are not read/ },
  'avro/ok_reference_nocutouts.avro': {
    good: CONTROL_ROWS,
    also: (result) => {
      expect(ids(result)[0]).toBe('1127107111615015007');
    },
  },
  'avro/ra_nan.avro': { good: 0, bad: [1], messages: [/^record 1: ra has no value/] },
  'avro/dec_inf.avro': { good: 0, bad: [1], messages: [/^record 1: dec is Infinity/] },
  'avro/ra_360.avro': {
    good: CONTROL_ROWS,
    also: (result) => {
      expect(result.rows[0]?.['ra_deg']).toBe(0);
    },
  },
  'avro/dec_91.avro': { good: 0, bad: [1], messages: [/^record 1: dec is 91/] },
  'avro/jd_is_mjd.avro': { good: 0, bad: [1], messages: [/^record 1: jd is 58881.1\d*, must be a Julian date/] },
  'avro/mag_-999.avro': {
    good: CONTROL_ROWS,
    also: (result) => {
      expect(result.rows[0]?.['mag_ab']).toBeUndefined();
      expect(result.rows[0]?.['diff_flux_njy']).toBeUndefined();
    },
  },
  'avro/candid_2p63.avro': {
    good: CONTROL_ROWS,
    bad: [2],
    messages: [/the packet's candid is 9223372036854775807 and was taken/],
    also: (result) => {
      expect(ids(result)[0]).toBe('9223372036854775807');
    },
  },
  'avro/candid_mismatch.avro': {
    good: CONTROL_ROWS,
    bad: [2],
    messages: [/candidate.candid is 1127107111615015007, the packet's candid is 1 /],
  },
  'avro/objectid_empty.avro': {
    good: CONTROL_ROWS,
    also: (result) => {
      expect(column(result, 'object_id')).toEqual(Array(CONTROL_ROWS).fill(undefined));
    },
  },
  'avro/block_size_bomb.avro': { refused: /says it has 1099511627776 bytes/ },
  'avro/block_count_huge.avro': { refused: /says it has 1099511627776 records in \d+ bytes/ },
  'avro/block_negative.avro': { refused: /says it has -1 records/ },
  'avro/bad_sync.avro': { refused: /has no sync marker/ },
  'avro/codec_unknown.avro': { refused: /codec is "zstx"/ },
  'avro/real_public_20180601_516401801315010009.avro': cut,
  'avro/real_public_20180601_516434762915010006.avro': cut,
  'avro/real_F_alerts_ipac_121540793515135009.avro': cut,
  'avro/real_public_20180601_516442805615015004.avro': cut,
  'avro/real_public_20180601_516442330015015017.avro': cut,
  'avro/real_uli_test_alerts_Ia_Hsiao_v2_51.avro': cut,
  'avro/real_uli_test_alerts_Ia_Hsiao_v2_52.avro': cut,
  'avro/real_turbo_10.avro': all(1),
  'avro/real_turbo_11.avro': all(1),
  'avro/real_turbo_2.avro': all(1),
  'avro/real_confluent_wire_lsst.avro': { refused: /Confluent framing.*schema 900/ },
  'parquet/truncated.parquet': { refused: /does not begin and end with PAR1/ },
  'parquet/magic_only.parquet': { refused: /too short/ },
  'mpc80/shifted_column.txt': { good: 2, bad: [2], messages: [/^line 2: /] },
  'mpc80/tabs.txt': { good: 0, bad: [1], messages: [/tab/] },
  'mpc80/bad_values.txt': {
    good: 0,
    bad: [1, 2, 3, 4, 5],
    messages: [/month/, /24 00 00.00/, /10 60 00.00/, /90 00 00.1/, /station/],
  },
  'mpc80/real_two_line_records.txt': {
    good: 3,
    also: (result) => {
      expect(column(result, 'station')).toEqual(['802', '275', '270']);
    },
  },
  'mpc80/real_des_negative_ra.txt': {
    good: 54,
    also: ({ rows }) => {
      // -2 54 23.498: only the hour is negative
      expect(rows[0]?.['ra_deg']).toBeCloseTo(360 + 15 * (-2 + 54 / 60 + 23.498 / 3600), 9);
    },
  },
  'mpc80/mixed_encodings.txt': { good: 2, bad: [2], messages: [/^line 2: holds a character that is not ASCII/] },
  'ades/real_enc_CP037.xml': notUtf8Xml,
  'ades/real_enc_CP500.xml': notUtf8Xml,
  'ades/real_enc_ISO-8859-1.xml': notUtf8Xml,
  'ades/real_enc_ISO-LATIN-1.xml': notUtf8Xml,
  'ades/real_enc_LATIN1.xml': notUtf8Xml,
  'ades/real_enc_UCS-4.xml': notUtf8Xml,
  'ades/real_enc_UTF-16BE.xml': notUtf8Xml,
  'ades/real_enc_UTF-16LE.xml': notUtf8Xml,
  'ades/real_enc_UTF-32BE.xml': notUtf8Xml,
  'ades/real_enc_UTF-7.xml': notUtf8Xml,
  'ades/real_enc_UTF-8.xml': all(10),
  'ades/real_enc_UTF32.xml': notUtf8Xml,
  'ades/xxe.xml': { refused: /document type/ },
  'ades/entity_bomb.xml': { refused: /document type/ },
};

const shared = sharedDataDir();

describe.skipIf(shared === null)('the shared set of dirty files', () => {
  const dir = `${String(shared)}bad/`;

  it('is covered to the last file', () => {
    const listed = (JSON.parse(readFileSync(`${dir}EXPECT.json`, 'utf8')) as { file: string }[]).map(({ file }) => file);
    expect(listed.toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  it.each(Object.entries(EXPECTED))('reads %s by the rule', async (file, expectation) => {
    const result = await readAll(`${dir}${file}`);
    if ('refused' in expectation) {
      expect(result.refusal?.message).toMatch(expectation.refused);
      expect(result.rows).toEqual([]);
      return;
    }
    expect(result.refusal).toBeNull();
    expect(result.rows).toHaveLength(expectation.good);
    expect(result.rejected.map(({ row }) => row)).toEqual(expectation.bad ?? []);
    expectation.messages?.forEach((message, i) => {
      expect(result.rejected[i]?.message).toMatch(message);
    });
    expectation.also?.(result);
  });

  it.each([
    // Two rows twice and one three times: five rows, two kept.
    ['csv/dup_id_exact.csv', { accepted: 2, duplicates: 3, conflicts: [] as number[] }],
    ['csv/dup_id_conflict.csv', { accepted: 3, duplicates: 0, conflicts: [3, 4] }],
  ])('stores %s without two rows for one id', async (file, { accepted, duplicates, conflicts }) => {
    const store = await openBruteStore();
    const sums = { accepted: 0, duplicates: 0, conflicts: [] as number[] };
    for await (const { columns, rows, rejected } of readDetections(`${dir}${file}`)) {
      const report = await ingestDetections(store, columns, rejected, rows);
      sums.accepted += report.accepted;
      sums.duplicates += report.duplicates;
      sums.conflicts.push(...report.rejected.filter(({ code }) => code === 'already_exists').map(({ row }) => row));
    }
    expect(sums).toEqual({ accepted, duplicates, conflicts });
    await store.close();
  });
});
