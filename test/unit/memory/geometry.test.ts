import { describe, expect, it } from 'vitest';
import { centreOf, cornersOf } from '../../../src/sky/healpix/nested.ts';
import { separationRad } from '../../../src/sky/cone.ts';
import { MAX_ROOT_REACH_RAD, ROOT_RADIUS_RAD, STEPS_PER_RAD } from '../../../src/store/memory/rootFrames.ts';
import { ROOT_COUNT, ROOT_ORDER } from '../../../src/store/memory/sharedMemory.ts';
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
