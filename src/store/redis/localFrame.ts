// Local frames for GEO: each HEALPix shard is turned so that its centre lies at longitude and latitude 0.
// Redis refuses |latitude| > 85.05 and knows no pole; in its own frame no shard comes near either, nor near
// the +-180 deg seam. Also the score that GEOADD would give a position, so that rows go in by ZADD with the
// score made here: the server then neither parses two doubles nor interleaves bits.
//
// Score: latitude within +-85.05112878 and longitude within +-180 as 26-bit fractions, bits interleaved,
// longitude in the odd ones (redis/src/geohash.c). One step is 0.6 m of 6372.8 km, 19 mas: GEO is
// asked with a pad and its answers are only candidates.

import { centreOf } from '../../sky/healpix/nested.ts';
import { DEG_PER_RAD, RAD_PER_ARCSEC } from '../../sky/angle.ts';

const GEO_LAT_MAX = 85.05112878;
const STEPS = 2 ** 26;
/** redis/src/geohash_helper.c */
const GEO_EARTH_RADIUS_M = 6372797.560856;
/** Positions are kept to 10.7 mas at worst (measured); twice that, in radians. */
export const GEO_PAD_RAD = 0.02 * RAD_PER_ARCSEC;
/** GEOSEARCH is asked for smaller circles only; wider ones take the whole set. */
export const GEO_MAX_RADIUS_RAD = 3 / DEG_PER_RAD;

export function geoRadiusM(radiusRad: number): number {
  return (radiusRad + GEO_PAD_RAD) * GEO_EARTH_RADIUS_M;
}

/** The inverse, for distances that GEOSEARCH returns. */
export function radOfGeoM(distanceM: number): number {
  return distanceM / GEO_EARTH_RADIUS_M;
}

const SPREAD = new Uint32Array(8192);
for (let i = 0; i < 8192; i++) for (let b = 0; b < 13; b++) SPREAD[i] |= ((i >> b) & 1) << (2 * b);

/** Local longitude and latitude in degrees of a direction: the slots that `toLocal` writes. */
export const LON = 0;
export const LAT = 1;

export class LocalFrame {
  // Rows of the rotation: the shard's centre, local east, local north.
  readonly #m = new Float64Array(9);

  constructor(shardOrder: number, shard: number) {
    const c = centreOf(shardOrder, shard);
    const inPlane = Math.hypot(c.x, c.y);
    // No pixel's centre is at a pole.
    const ex = -c.y / inPlane;
    const ey = c.x / inPlane;
    this.#m.set([c.x, c.y, c.z, ex, ey, 0, -c.z * ey, c.z * ex, c.x * ey - c.y * ex]);
  }

  toLocal(x: number, y: number, z: number, out: Float64Array): void {
    const m = this.#m;
    const u = m[0] * x + m[1] * y + m[2] * z;
    const v = m[3] * x + m[4] * y + m[5] * z;
    const w = m[6] * x + m[7] * y + m[8] * z;
    out[LON] = Math.atan2(v, u) * DEG_PER_RAD;
    out[LAT] = Math.atan2(w, Math.sqrt(u * u + v * v)) * DEG_PER_RAD;
  }
}

/** The 52-bit score of a local position. */
export function geoScore(lonDeg: number, latDeg: number): number {
  const lat = ((latDeg + GEO_LAT_MAX) / (2 * GEO_LAT_MAX)) * STEPS;
  const lon = ((lonDeg + 180) / 360) * STEPS;
  const low = SPREAD[lat & 8191] + 2 * SPREAD[lon & 8191];
  const high = SPREAD[(lat >>> 13) & 8191] + 2 * SPREAD[(lon >>> 13) & 8191];
  return high * STEPS + low;
}
