// VOTable 1.4, TABLEDATA. A missing value is an empty TD. INFO stands before COOSYS and TIMESYS, as the
// schema wants. 64-bit integers are text: VOTable has no unsigned 64 bits, and ids are no numbers.
// `char` is ASCII, so a column with other text is `unicodeChar`.

import type { Field } from '../../../src/model/fields.ts';
import { fieldsOf } from './fieldColumns.ts';
import type { ShownAnswer } from './format.ts';
import type { TextStyle } from './rowWriter.ts';
import { specialCharacters } from './specialCharacters.ts';
import { TextFormat } from './textFormat.ts';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' };
// XML 1.0 has no way to write these at all, not even as character references.
const NOT_IN_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const style: TextStyle = {
  open: () => '<TR><TD>',
  between: () => '</TD><TD>',
  close: '</TD></TR>\n',
  betweenRows: '',
  nullText: '',
  quote: '',
  idQuote: '',
  special: specialCharacters('&<>"', { controls: true }),
  escaped: xmlText,
};

export const VOTABLE_ROWS = new TextFormat({
  style,
  head,
  foot: () => '</TABLEDATA></DATA>\n</TABLE>\n</RESOURCE>\n</VOTABLE>\n',
});

function head(answer: ShownAnswer): string {
  const fields = fieldsOf(answer);
  const { columns, truncated, nextCursor, title } = answer;
  const next = nextCursor === null ? '' : `<INFO name="next_cursor" value="${nextCursor}"/>\n`;
  const status = truncated
    ? '<INFO name="QUERY_STATUS" value="OVERFLOW">There are more rows: ask again with cursor= or a larger limit=</INFO>'
    : '<INFO name="QUERY_STATUS" value="OK"/>';
  return `<?xml version="1.0" encoding="UTF-8"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<RESOURCE type="results">
<DESCRIPTION>${xmlText(title)}</DESCRIPTION>
${status}
${next}<COOSYS ID="icrs" system="ICRS"/>
<TIMESYS ID="tai" timeorigin="MJD-origin" timescale="TAI" refposition="TOPOCENTER"/>
<TIMESYS ID="utc" timeorigin="MJD-origin" timescale="UTC" refposition="TOPOCENTER"/>
<TABLE name="detections" nrows="${columns.length}">
${fields.map((field) => fieldElement(field, answer)).join('\n')}
<DATA><TABLEDATA>
`;
}

const REFS: Readonly<Record<string, string>> = {
  mjd_tai: 'tai', mjd_utc: 'utc', ra_deg: 'icrs', dec_deg: 'icrs', ra_err_arcsec: 'icrs', dec_err_arcsec: 'icrs',
}; // prettier-ignore

function fieldElement(field: Field, answer: ShownAnswer): string {
  const { name, unit, ucd, description } = field;
  const ref = REFS[name];
  return (
    `<FIELD ID="${name}" name="${name}" ${datatypeOf(field, answer)}` +
    (unit === '' ? '' : ` unit="${unit}"`) +
    ` ucd="${ucd}"` +
    (ref === undefined ? '' : ` ref="${ref}"`) +
    `><DESCRIPTION>${xmlText(description)}</DESCRIPTION></FIELD>`
  );
}

function datatypeOf(field: Field, { columns }: ShownAnswer): string {
  switch (field.type) {
    case 'float32':
      return 'datatype="float"';
    case 'float64':
      return 'datatype="double"';
    case 'int32':
      return 'datatype="int"';
    case 'int64':
    case 'uint64':
      return 'datatype="char" arraysize="*"';
    case 'text':
      for (let row = 0; row < columns.length; row++) {
        const text = field.value(columns, row) as string | null;
        if (text !== null && !/^[\0-\x7f]*$/.test(text)) return 'datatype="unicodeChar" arraysize="*"';
      }
      return 'datatype="char" arraysize="*"';
  }
}

function xmlText(text: string): string {
  return text.replaceAll(NOT_IN_XML, '\ufffd').replaceAll(/[&<>"\r]/g, (character) => ESCAPES[character]);
}
