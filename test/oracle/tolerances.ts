// How far an answer may be from vendored truth, and why. A number here is a limit that a test enforces, close above what is achieved (in brackets).

import { RAD_PER_ARCSEC } from '../../src/sky/angle.ts';

export const TOLERANCE = {
  // The promise is 1 uas at every scale. Vectors of doubles place a position to 2e-16 rad, 0.05 nas [5.4e-16 rad, 0.1 nas].
  separationRad: 1e-6 * RAD_PER_ARCSEC,
  // Far below the promise: what the arithmetic should give. Fails first if someone brings acos back.
  separationUsualRad: 1e-15,
  // Centres and corners: longitude and latitude as doubles, then sin and cos on both sides, a few roundings each [2e-15 rad].
  pixelVectorRad: 4e-15,
  // ISO text to one double of MJD: half a step of a double at 1858-2131, 2^-38 d = 0.31 us, plus the rounding of the day fraction [0.32 us].
  isoSec: 0.35e-6,
  // The same at a date of the years 1 to 9999, |mjd| up to 3e6: half of 2^-31 d.
  isoFarSec: 21e-6,
  // One double to another: half a step again [0.32 us].
  scaleSec: 0.35e-6,
  // TAI - UTC has at most 7 digits; before 1972 a product is added to it [2e-15 s].
  offsetSec: 1e-12,
  // Two sums of the same pixels.
  skyFraction: 1e-14,
} as const;
