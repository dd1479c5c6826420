import { describe, expect, it } from 'vitest';
import { unpackedDesignation } from '../../../ingest/files/mpcDesignation.ts';
import { taiOfUtc } from '../../../src/sky/time.ts';
import { readBytes } from './collected.ts';

const LINE = '00433         C1995 08 05.98492 00 28 25.28 +16 00 47.7          12.5 Rz25470046';
const SATELLITE = '00433         S2011 10 23.34124006 53 03.495+46 43 06.69               X~7lwF275';
const SATELLITE_PLACE = '00433         s2011 10 23.3412401 + 4353.0030 -  481.6100 + 1382.3400   ~7lwF275';

describe('an MPC 80-column file', () => {
  const read = (...lines: string[]) => readBytes('m.obs', lines.join('\n'));

  it('gives place, time, magnitude, band and station, and an id of its name and line', async () => {
    const { rows } = await read(LINE);
    expect(rows[0]).toMatchObject({ survey: 'MPC', source_id: 'm.obs:1', object_id: '433', station: '046', band: 'R', mag_ab: 12.5 });
    expect(Number(rows[0]?.['ra_deg'])).toBeCloseTo(15 * (28 / 60 + 25.28 / 3600), 10);
    expect(Number(rows[0]?.['dec_deg'])).toBeCloseTo(16 + 47.7 / 3600, 10);
    expect(Number(rows[0]?.['mjd_tai'])).toBeCloseTo(taiOfUtc(49_934.98492), 9);
  });

  it('takes the second line of a satellite as part of the first', async () => {
    const { rows, rejected } = await read(SATELLITE, SATELLITE_PLACE, LINE);
    expect(rows.map((row) => row['source_id'])).toEqual(['m.obs:1', 'm.obs:3']);
    expect(rejected).toEqual([]);
  });

  it('refuses a second line without its first', async () => {
    const { rejected } = await read(LINE, SATELLITE_PLACE);
    expect(rejected).toMatchObject([{ row: 2, message: expect.stringMatching(/^line 2: .*first line is not before it/) }]);
  });

  it('gives the sign of a negative hour to the hour alone', async () => {
    const { rows } = await read(LINE.replace('00 28 25.28', '-2 54 23.50'));
    expect(Number(rows[0]?.['ra_deg'])).toBeCloseTo(360 + 15 * (-2 + 54 / 60 + 23.5 / 3600), 10);
  });

  it.each([
    [LINE.replace('1995 08', '1995 13'), /month/],
    [LINE.replace('08 05.98', '02 30.98'), /day/],
    [LINE.replace('00 28', '24 00'), /below 24 hours/],
    [LINE.replace('+16', '+91'), /declination/],
    [LINE.replace('25470046', '25470   '), /station/],
    [LINE.slice(0, 79), /79 characters/],
    [`${LINE}9`, /81 characters/],
    [LINE.replace('C1995', 'X1995'), /replaced/],
    [LINE.replace('C1995', 'R1995'), /radar/],
  ])('refuses %j', async (line, message) => {
    const { rows, rejected } = await read(line);
    expect(rows).toEqual([]);
    expect(rejected[0]?.message).toMatch(message);
  });
});

describe('a packed designation', () => {
  it.each([
    ['00433', '       ', '433'],
    ['A0345', '       ', '100345'],
    ['z9999', '       ', '619999'],
    ['~0000', '       ', '620000'],
    ['~AZaz', '       ', '3140113'],
    ['0001I', '       ', '1I'],
    ['     ', 'K18L00A', '2018 LA'],
    ['     ', 'J95X00A', '1995 XA'],
    ['     ', 'K07Tf8A', '2007 TA418'],
    ['     ', 'DES0007', 'DES0007'],
    ['     ', '       ', null],
  ])('of %j and %j is %j', (number, designation, expected) => {
    expect(unpackedDesignation(number, designation)).toBe(expected);
  });
});

describe('ADES', () => {
  const optical = (inner: string) => `<optical><trkSub>a1</trkSub><stn>G96</stn>${inner}</optical>`;
  const place = '<obsTime>2013-10-04T08:05:24.576Z</obsTime><ra>17.75</ra><dec>-20.5</dec>';
  const xml = (inner: string) =>
    readBytes('a.xml', `<?xml version="1.0"?><ades version="2022"><obsBlock><obsData>${inner}</obsData></obsBlock></ades>`);
  const psv = (text: string) => readBytes('a.psv', text);

  it('is the same as XML and as PSV', async () => {
    const inXml = await xml(optical(`${place}<mag>17.9</mag><band>V</band><rmsRA>0.5</rmsRA>`));
    const inPsv = await psv(
      '# version=2022\n# observatory\n! mpcCode G96\ntrkSub|stn|obsTime|ra|dec|mag|band|rmsRA\na1 |G96|2013-10-04T08:05:24.576Z| 17.75| -20.5|17.9| V|0.5\n',
    );
    expect(inXml.rows).toMatchObject([{ object_id: 'a1', station: 'G96', band: 'V', ra_deg: 17.75, dec_deg: -20.5, ra_err_arcsec: 0.5 }]);
    expect(inPsv.rows.map((row) => ({ ...row, source_id: 'x' }))).toEqual(inXml.rows.map((row) => ({ ...row, source_id: 'x' })));
    expect(inPsv.rows[0]?.['source_id']).toBe('a.psv:5');
  });

  it('demands the Z of obsTime', async () => {
    const { rejected } = await xml(optical(place.replace('Z<', '<')));
    expect(rejected[0]?.message).toMatch(/obsTime is "2013-10-04T08:05:24.576", must look like/);
  });

  it('refuses what has no position alone', async () => {
    const { rows, rejected } = await xml(`${optical(place)}<radar><stn>251</stn></radar>${optical(place)}`);
    expect(rows).toHaveLength(2);
    expect(rejected).toMatchObject([{ row: 2, message: expect.stringMatching(/radar is no measured position/) }]);
  });

  it('takes a later table of a PSV file with its own names', async () => {
    const { rows } = await psv(
      'permID|stn|obsTime|ra|dec\n1|G96|2013-10-04T08:05:24Z|1|2\n# observatory\n! mpcCode 703\nstn|obsTime|dec|ra\n703|2013-10-04T08:05:24Z|3|4\n',
    );
    expect(rows).toMatchObject([
      { object_id: '1', ra_deg: 1, dec_deg: 2 },
      { station: '703', ra_deg: 4, dec_deg: 3 },
    ]);
  });

  it('holds on to no more than a piece of XML', async () => {
    const { refusal } = await readBytes('a.xml', `<?xml version="1.0"?><ades a="${'x'.repeat(3_000_000)}`);
    expect(refusal?.code).toBe('resource_exhausted');
  });

  it('is refused in another encoding although its bytes are ASCII', async () => {
    const { refusal } = await readBytes('a.xml', '<?xml version="1.0" encoding="ISO-8859-1"?><ades/>');
    expect(refusal?.message).toMatch(/encoding is "ISO-8859-1", must be UTF-8/);
  });
});
