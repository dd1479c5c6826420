// How far an answer may be from vendored truth, and why. A number here is a limit that a test enforces, close above what is achieved (in brackets).

import { RAD_PER_ARCSEC } from '../../src/sky/angle.ts';

export const TOLERANCE = {
  // The promise is 1 uas at every scale. Vectors of doubles place a position to 2e-16 rad, 0.05 nas [5.6e-16 rad, 0.12 nas].
  separationRad: 1e-6 * RAD_PER_ARCSEC,
  // Far below the promise: what the arithmetic should give. Fails first if someone brings acos back.
  separationUsualRad: 1e-15,
  // Centres and corners: longitude and latitude as doubles, then sin and cos on both sides, a few roundings each [7.4e-16 rad].
  pixelVectorRad: 2e-15,
  // A time as one double of MJD: half a step, 2^-38 d = 0.314 us until MJD 65536 in the year 2038 [0.314 us].
  mjdSec: 0.32e-6,
  // The same until MJD 131072 in the year 2217, where a step is twice as long [0.60 us].
  mjdAfter2038Sec: 0.64e-6,
  // TAI - UTC has at most 7 digits; before 1972 a product is added to it [0 s].
  offsetSec: 1e-14,
  // Two sums of the same pixels.
  skyFraction: 1e-14,
} as const;
