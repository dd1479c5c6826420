import { describe, expect, it } from 'vitest';
import { nightEndTai, nightOf, nightWindow } from '../../../src/model/night.ts';
import { eastLongitudeDegOf } from '../../../src/model/stations.ts';
import { mjdOfIso, taiOfUtc } from '../../../src/sky/time.ts';

const nightAt = (iso: string, station: string): number => nightOf(taiOfUtc(mjdOfIso(iso)), station);

// MJD 58972 is 2020-05-03. Mean local noon in UTC is 12 h - longitude / 15, reckoned by hand:
// I41 -116.85978 deg is 7 h 47 min 26.35 s west, and so on.
const NOON_UTC = [
  ['I41', 'Palomar', '19:47:26', '19:47:27'],
  ['X05', 'Rubin', '16:42:59', '16:43:00'],
  ['W84', 'Cerro Tololo', '16:43:13', '16:43:14'],
  ['568', 'Maunakea', '22:21:53', '22:21:54'],
  ['413', 'Siding Spring', '02:03:44', '02:03:45'],
  ['000', 'Greenwich', '11:59:59', '12:00:00'],
] as const;

describe('night', () => {
  for (const [station, name, before, after] of NOON_UTC) {
    it(`at ${name} the second before local noon is in the night of the day before`, () => {
      expect(nightAt(`2020-05-04T${before}Z`, station)).toBe(58_972);
    });

    it(`at ${name} the second after local noon is in the night of the day`, () => {
      expect(nightAt(`2020-05-04T${after}Z`, station)).toBe(58_973);
    });
  }

  // Local evening of 2020-05-03 and the morning after, where these are on the UTC calendar.
  for (const [station, evening, morning] of [
    ['I41', '2020-05-04T04:00Z', '2020-05-04T12:30Z'],
    ['X05', '2020-05-03T23:30Z', '2020-05-04T10:00Z'],
    ['W84', '2020-05-03T23:30Z', '2020-05-04T10:00Z'],
    ['568', '2020-05-04T06:00Z', '2020-05-04T15:30Z'],
    ['413', '2020-05-03T09:00Z', '2020-05-03T20:00Z'],
  ] as const) {
    it(`evening and morning at ${station} are one night, that of the evening's date`, () => {
      expect([nightAt(evening, station), nightAt(morning, station)]).toEqual([58_972, 58_972]);
    });
  }

  it('a station that nobody knows counts as Greenwich', () => {
    expect(nightAt('2020-05-04T11:59:59Z', 'my dome')).toBe(58_972);
  });

  it('a spacecraft counts as Greenwich', () => {
    expect([eastLongitudeDegOf('C57'), nightAt('2020-05-04T12:00:01Z', 'C57')]).toEqual([undefined, 58_973]);
  });

  it('no word of the language is a station', () => {
    expect(['__proto__', 'constructor', ''].map(eastLongitudeDegOf)).toEqual([undefined, undefined, undefined]);
  });

  for (const longitudeDeg of [-180, -116.85978, 0, 149.06608, 180]) {
    it(`a night ends at the noon of its longitude ${String(longitudeDeg)}`, () => {
      expect(nightEndTai(58_972, longitudeDeg)).toBeCloseTo(taiOfUtc(58_973.5 - longitudeDeg / 360), 9);
    });

    it(`the window of a night holds it at longitude ${String(longitudeDeg)}`, () => {
      const { mjdMinTai, mjdMaxTai } = nightWindow(58_972);
      const start = nightEndTai(58_971, longitudeDeg);
      const end = nightEndTai(58_972, longitudeDeg);
      expect([mjdMinTai <= start, end <= mjdMaxTai]).toEqual([true, true]);
    });
  }
});

describe('stations', () => {
  it('longitudes are those of the MPC, counted from -180 to 180', () => {
    expect(['I41', 'X05', 'W84', '568', '413', 'Z99'].map(eastLongitudeDegOf)).toEqual([
      -116.85978, -70.74942, -70.80642, -155.4722, 149.06608, -0.02126,
    ]);
  });
});
