// HEALPix against astropy-healpix and cdshealpix, orders 0 to 24.

import { describe, expect, it } from 'vitest';
import { MAX_ORDER, centreOf, childrenOf, cornersOf, ipixOf, ipixOfVector, parentOf } from '../../src/sky/healpix/nested.ts';
import { neighboursOf } from '../../src/sky/healpix/neighbours.ts';
import { separationRad } from '../../src/sky/cone.ts';
import { DEG_PER_RAD } from '../../src/sky/angle.ts';
import { unitVector } from '../../src/sky/vector.ts';
import { TOLERANCE } from './tolerances.ts';
import { readTruth } from './truth.ts';

type Pair = readonly [number, number];
const truth = readTruth<{
  positions: readonly { ra_deg: number; dec_deg: number; ipix: readonly number[] }[];
  edges: readonly { order: number; ra_deg: number; dec_deg: number; ipix_any: readonly number[] }[];
  pixels: readonly { order: number; ipix: number; centre_rad: Pair; corners_rad: readonly Pair[]; neighbours: readonly number[] }[];
}>('healpix', { positions: 292, edges: 800, pixels: 584 });

const vectorOfRad = ([lon, lat]: Pair): { x: number; y: number; z: number } => ({
  x: Math.cos(lat) * Math.cos(lon),
  y: Math.cos(lat) * Math.sin(lon),
  z: Math.sin(lat),
});

describe('HEALPix against astropy-healpix and cdshealpix', () => {
  it('names the same pixel for every position at every order', () => {
    let compared = 0;
    const wrong: unknown[] = [];
    for (const { ra_deg, dec_deg, ipix } of truth.positions) {
      expect(ipix).toHaveLength(MAX_ORDER + 1);
      ipix.forEach((expected, order) => {
        compared++;
        const found = ipixOf(order, ra_deg, dec_deg);
        if (found !== expected) wrong.push({ order, ra_deg, dec_deg, expected, found });
      });
    }
    expect(wrong).toEqual([]);
    expect(compared).toBe(292 * 25);
  });

  it('names the same pixel from a unit vector, away from edges by more than its rounding', () => {
    const wrong: unknown[] = [];
    for (const { ra_deg, dec_deg, ipix } of truth.positions) {
      const { x, y, z } = unitVector(ra_deg, dec_deg);
      // a vector keeps 2e-16 rad; some positions lie 1e-12 deg from RA 0, so compare where pixels are wider than that by far
      for (let order = 0; order <= 20; order++) {
        const found = ipixOfVector(order, x, y, z);
        if (found !== ipix[order]) wrong.push({ order, ra_deg, dec_deg, expected: ipix[order], found });
      }
    }
    expect(wrong).toEqual([]);
  });

  it('names one of the pixels that meet there for a place on an edge or a corner', () => {
    const wrong = truth.edges.filter(({ order, ra_deg, dec_deg, ipix_any }) => !ipix_any.includes(ipixOf(order, ra_deg, dec_deg)));
    expect(wrong).toEqual([]);
    const fromVector = truth.edges.filter(({ order, ra_deg, dec_deg, ipix_any }) => {
      const { x, y, z } = unitVector(ra_deg, dec_deg);
      return !ipix_any.includes(ipixOfVector(order, x, y, z));
    });
    expect(fromVector).toEqual([]);
  });

  it('puts centres and corners at the same places', () => {
    let worst = 0;
    for (const { order, ipix, centre_rad, corners_rad } of truth.pixels) {
      worst = Math.max(worst, separationRad(centreOf(order, ipix), vectorOfRad(centre_rad)));
      cornersOf(order, ipix).forEach((corner, i) => {
        worst = Math.max(worst, separationRad(corner, vectorOfRad(corners_rad[i])));
      });
    }
    expect(worst).toBeLessThan(TOLERANCE.pixelVectorRad);
  });

  it('finds the pixel again from its centre in degrees', () => {
    const wrong = truth.pixels.filter(
      ({ order, ipix, centre_rad: [lon, lat] }) => ipixOf(order, lon * DEG_PER_RAD, lat * DEG_PER_RAD) !== ipix,
    );
    expect(wrong).toEqual([]);
  });

  it('lists the same neighbours in the same order', () => {
    for (const { order, ipix, neighbours } of truth.pixels)
      expect(neighboursOf(order, ipix), `${String(order)}/${String(ipix)}`).toEqual(neighbours);
  });

  it('has the parent of a position one order up and the position in one of four children', () => {
    const wrong = truth.positions.filter(({ ipix }) =>
      ipix.slice(1).some((child, order) => parentOf(child) !== ipix[order] || !childrenOf(ipix[order]).includes(child)),
    );
    expect(wrong).toEqual([]);
  });
});
