// The peers of the memory store in the same process: flatbush and kdbush over RA and Dec, with the exact test of each
// candidate behind them, and geokdbush for the nearest. They are static: built once, from all rows.

import Flatbush from 'flatbush';
import { around } from 'geokdbush';
import KDBush from 'kdbush';
import { DEG_PER_RAD } from '../src/sky/angle.ts';
import type { Cone } from '../src/sky/regions.ts';
import { unitVectorInto } from '../src/sky/vector.ts';

const KM_PER_RAD = 6371;

/** All positions, as peers and brute force read them. */
export class Positions {
  length = 0;
  readonly raDeg: Float64Array;
  readonly decDeg: Float64Array;
  readonly mjdTai: Float64Array;
  readonly xyz: Float64Array;

  constructor(rows: number) {
    this.raDeg = new Float64Array(rows);
    this.decDeg = new Float64Array(rows);
    this.mjdTai = new Float64Array(rows);
    this.xyz = new Float64Array(3 * rows);
  }

  add(raDeg: number, decDeg: number, mjdTai: number): void {
    const i = this.length++;
    this.raDeg[i] = raDeg;
    this.decDeg[i] = decDeg;
    this.mjdTai[i] = mjdTai;
    unitVectorInto(raDeg, decDeg, this.xyz, 3 * i);
  }

  isInside(i: number, cone: Cone, mjdMinTai: number): boolean {
    const dx = this.xyz[3 * i] - cone.x;
    const dy = this.xyz[3 * i + 1] - cone.y;
    const dz = this.xyz[3 * i + 2] - cone.z;
    return dx * dx + dy * dy + dz * dz <= cone.chordSq && this.mjdTai[i] >= mjdMinTai;
  }

  bruteCount(cone: Cone, mjdMinTai: number): number {
    let count = 0;
    for (let i = 0; i < this.length; i++) if (this.isInside(i, cone, mjdMinTai)) count++;
    return count;
  }
}

export interface Peer {
  readonly name: string;
  /** Bytes a row of the index alone, without the columns that the exact test needs. */
  readonly bytesPerRow: number;
  /** Rows in a cone from a time on. */
  countCone(cone: Cone, mjdMinTai: number): number;
  /** Index of the nearest row, where the peer can. */
  readonly nearest: ((cone: Cone) => number) | null;
}

export function flatbushPeer(positions: Positions): Peer {
  const index = new Flatbush(positions.length);
  for (let i = 0; i < positions.length; i++) index.add(positions.raDeg[i], positions.decDeg[i]);
  index.finish();
  return {
    name: 'flatbush',
    bytesPerRow: index.data.byteLength / positions.length,
    countCone: (cone, mjdMinTai) => countInBoxes(positions, cone, mjdMinTai, (a, b, c, d) => index.search(a, b, c, d)),
    nearest: null,
  };
}

export function kdbushPeer(positions: Positions): Peer {
  const index = new KDBush(positions.length);
  for (let i = 0; i < positions.length; i++) index.add(positions.raDeg[i], positions.decDeg[i]);
  index.finish();
  return {
    name: 'kdbush',
    bytesPerRow: index.data.byteLength / positions.length,
    countCone: (cone, mjdMinTai) => countInBoxes(positions, cone, mjdMinTai, (a, b, c, d) => index.range(a, b, c, d)),
    nearest: (cone) => around(index, cone.raDeg > 180 ? cone.raDeg - 360 : cone.raDeg, cone.decDeg, 1, cone.radiusRad * KM_PER_RAD)[0],
  };
}

/** The box or, over RA 0, the two boxes around a cone; near a pole all right ascensions. */
function countInBoxes(
  positions: Positions,
  cone: Cone,
  mjdMinTai: number,
  search: (minRa: number, minDec: number, maxRa: number, maxDec: number) => number[],
): number {
  const radiusDeg = cone.radiusRad * DEG_PER_RAD * (1 + 1e-9) + 1e-9;
  const minDec = cone.decDeg - radiusDeg;
  const maxDec = cone.decDeg + radiusDeg;
  const sine = Math.sin(cone.radiusRad) / Math.cos((cone.decDeg * Math.PI) / 180);
  const halfWidth = maxDec >= 90 || minDec <= -90 || sine >= 1 ? 360 : Math.asin(sine) * DEG_PER_RAD * (1 + 1e-9) + 1e-9;
  const minRa = cone.raDeg - halfWidth;
  const maxRa = cone.raDeg + halfWidth;
  let count = 0;
  const take = (from: number, to: number): void => {
    for (const i of search(from, minDec, to, maxDec)) if (positions.isInside(i, cone, mjdMinTai)) count++;
  };
  if (halfWidth >= 180) take(0, 360);
  else {
    take(Math.max(0, minRa), Math.min(360, maxRa));
    if (minRa < 0) take(minRa + 360, 360);
    if (maxRa > 360) take(0, maxRa - 360);
  }
  return count;
}
