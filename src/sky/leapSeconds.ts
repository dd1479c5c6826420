// TAI - UTC. Source: IERS Bulletin C and the USNO table tai-utc.dat, as in ERFA's dat.c (release 2.0.1, pyerfa 2.0.1.5), which
// test/oracle checks row by row. No leap second is announced after 2017-01-01; a new one is a new last row here.

/** From MJD (UTC) on: offsetSec + (mjdUtc - driftMjd) * driftSecPerDay. */
export interface LeapSecondRow {
  readonly mjdUtc: number;
  readonly offsetSec: number;
  readonly driftMjd: number;
  readonly driftSecPerDay: number;
}

const row = (mjdUtc: number, offsetSec: number, driftMjd = 0, driftSecPerDay = 0): LeapSecondRow => ({
  mjdUtc,
  offsetSec,
  driftMjd,
  driftSecPerDay,
});

export const LEAP_SECONDS: readonly LeapSecondRow[] = [
  // before 1972 UTC ran at another rate than TAI and made small steps
  row(36934, 1.417818, 37300, 0.001296), // 1960-01-01
  row(37300, 1.422818, 37300, 0.001296), // 1961-01-01
  row(37512, 1.372818, 37300, 0.001296), // 1961-08-01
  row(37665, 1.845858, 37665, 0.0011232), // 1962-01-01
  row(38334, 1.945858, 37665, 0.0011232), // 1963-11-01
  row(38395, 3.24013, 38761, 0.001296), // 1964-01-01
  row(38486, 3.34013, 38761, 0.001296), // 1964-04-01
  row(38639, 3.44013, 38761, 0.001296), // 1964-09-01
  row(38761, 3.54013, 38761, 0.001296), // 1965-01-01
  row(38820, 3.64013, 38761, 0.001296), // 1965-03-01
  row(38942, 3.74013, 38761, 0.001296), // 1965-07-01
  row(39004, 3.84013, 38761, 0.001296), // 1965-09-01
  row(39126, 4.31317, 39126, 0.002592), // 1966-01-01
  row(39887, 4.21317, 39126, 0.002592), // 1968-02-01
  row(41317, 10), // 1972-01-01
  row(41499, 11), // 1972-07-01
  row(41683, 12), // 1973-01-01
  row(42048, 13), // 1974-01-01
  row(42413, 14), // 1975-01-01
  row(42778, 15), // 1976-01-01
  row(43144, 16), // 1977-01-01
  row(43509, 17), // 1978-01-01
  row(43874, 18), // 1979-01-01
  row(44239, 19), // 1980-01-01
  row(44786, 20), // 1981-07-01
  row(45151, 21), // 1982-07-01
  row(45516, 22), // 1983-07-01
  row(46247, 23), // 1985-07-01
  row(47161, 24), // 1988-01-01
  row(47892, 25), // 1990-01-01
  row(48257, 26), // 1991-01-01
  row(48804, 27), // 1992-07-01
  row(49169, 28), // 1993-07-01
  row(49534, 29), // 1994-07-01
  row(50083, 30), // 1996-01-01
  row(50630, 31), // 1997-07-01
  row(51179, 32), // 1999-01-01
  row(53736, 33), // 2006-01-01
  row(54832, 34), // 2009-01-01
  row(56109, 35), // 2012-07-01
  row(57204, 36), // 2015-07-01
  row(57754, 37), // 2017-01-01
];
