import { describe, expect, it } from 'vitest';
import { centreOf, cornersOf, ipixOf } from '../../../src/sky/healpix/nested.ts';
import { coneOf, isInside, separationRad } from '../../../src/sky/cone.ts';
import {
  MAX_ROOT_REACH_RAD,
  ONE_PIXEL_RAD,
  ROOT_RADIUS_RAD,
  RootCover,
  STEPS_PER_RAD,
  writeFrames,
} from '../../../src/store/memory/rootFrames.ts';
import { MIN_MEMORY_BYTES, ROOT_COUNT, ROOT_ORDER, SharedMemory } from '../../../src/store/memory/sharedMemory.ts';
import { unitVector } from '../../../src/sky/vector.ts';
import { vectorOfFaceInto, placeOf, FACE, X, Y } from '../../../src/sky/healpix/nested.ts';

describe('frames of the roots', () => {
  it('hold every point of every order-6 pixel within the range of uint32 offsets', () => {
    const at = new Float64Array(5);
    const p = new Float64Array(3);
    let most = 0;
    for (let root = 0; root < ROOT_COUNT; root++) {
      const c = centreOf(ROOT_ORDER, root);
      const axis = Math.hypot(c.x, c.y);
      placeOf(ROOT_ORDER, root, at);
      // the rim is enough: the offsets are monotone along any line from the centre
      for (let i = 0; i < 16; i++) {
        const along = (i % 4) / 4;
        const rim = [
          [along, 0],
          [1, along],
          [1 - along, 1],
          [0, 1 - along],
        ][i >> 2];
        vectorOfFaceInto(2 ** ROOT_ORDER, at[FACE], at[X] + rim[0], at[Y] + rim[1], p, 0);
        const w = p[0] * c.x + p[1] * c.y + p[2] * c.z;
        most = Math.max(most, Math.abs((c.x * p[1] - c.y * p[0]) / axis), Math.abs((p[2] - c.z * w) / axis));
      }
    }
    expect(most).toBeLessThan(MAX_ROOT_REACH_RAD);
    expect(MAX_ROOT_REACH_RAD * STEPS_PER_RAD).toBeLessThan(2 ** 31);
  });

  it('have no corner farther from the centre than the radius that covers use', () => {
    let most = 0;
    for (let root = 0; root < ROOT_COUNT; root++) {
      const centre = centreOf(ROOT_ORDER, root);
      for (const corner of cornersOf(ROOT_ORDER, root)) most = Math.max(most, separationRad(centre, corner));
    }
    expect(most).toBeLessThan(ROOT_RADIUS_RAD);
  });
});

describe('the roots of a small cone', () => {
  it('are all that it reaches, also where pixels are narrowest: at the edge of a quadrant near the pole', () => {
    const memory = SharedMemory.reserve(MIN_MEMORY_BYTES);
    writeFrames(memory);
    const cover = new RootCover(memory);
    // a share of 0.0224 of a pixel from its edge; by 0.69 / nside it would reach 0.0227 of one
    const cone = coneOf(89.98616352899931, 86.32740662752167, 0.00024428605152934326);
    const row = { raDeg: 89.86834141067061, decDeg: 86.33920187235441 };
    const { x, y, z } = unitVector(row.raDeg, row.decDeg);
    expect(cone.radiusRad).toBeLessThan(ONE_PIXEL_RAD);
    expect(isInside(cone, x, y, z)).toBe(true);
    cover.cover(cone);
    expect([...cover.roots.subarray(0, cover.count)]).toContain(ipixOf(ROOT_ORDER, row.raDeg, row.decDeg));
  });
});
