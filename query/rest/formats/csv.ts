// CSV by RFC 4180, one header line, \r\n. A missing value is empty, an empty text is "". Ids that begin
// with = + - @ are written as they are: this is data for programs, and a changed id is a wrong id.

import type { TextStyle } from './rowWriter.ts';
import { specialCharacters } from './specialCharacters.ts';
import { TextFormat } from './textFormat.ts';

const style: TextStyle = {
  open: () => '',
  between: () => ',',
  close: '\r\n',
  betweenRows: '',
  nullText: '',
  quote: '',
  idQuote: '',
  // a leading or trailing blank is kept by RFC 4180, but not by every reader
  special: specialCharacters('", ', { controls: true }),
  escaped: (text) => (/^$|["\s,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text),
};

export const CSV_ROWS = new TextFormat({
  style,
  head: (_answer, fields) => `${fields.map(({ name }) => name).join(',')}\r\n`,
  foot: () => '',
});
