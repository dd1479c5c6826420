// { "count": 2, "truncated": false, "next": null, "detections": [ {...}, {...} ] }: one object a row, so
// that pandas.DataFrame(reply["detections"]) is a table. 64-bit integers are strings, nulls are null.
// How long it took is in the Server-Timing header, so that equal answers are equal bytes.
//
// NDJSON has the rows only, one a line.

import type { TextStyle } from './rowWriter.ts';
import { specialCharacters } from './specialCharacters.ts';
import { TextFormat } from './textFormat.ts';

const style: TextStyle = {
  open: ({ name }) => `{"${name}":`,
  between: ({ name }) => `,"${name}":`,
  close: '}',
  betweenRows: ',',
  nullText: 'null',
  quote: '"',
  idQuote: '"',
  special: specialCharacters('"\\', { controls: true }),
  escaped: (text) => JSON.stringify(text),
};

export const JSON_ROWS = new TextFormat({
  style,
  head: ({ columns, truncated, nextCursor, matched }) =>
    `{"count":${String(columns.length)},"truncated":${String(truncated)},"next":${JSON.stringify(nextCursor)},"${matched === null ? 'detections' : 'matches'}":[`,
  foot: () => ']}\n',
});

export const NDJSON_ROWS = new TextFormat({
  style: { ...style, betweenRows: '\n' },
  head: () => '',
  foot: ({ columns }) => (columns.length > 0 ? '\n' : ''),
});
