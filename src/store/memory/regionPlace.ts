// Where to look for the rows of a region, and the exact rule for each of them.

import { isInMoc } from '../../sky/moc.ts';
import { isInPolygon, polygonBound } from '../../sky/polygon.ts';
import { unitVectorInto } from '../../sky/vector.ts';
import { MAX_ORDER } from '../../sky/healpix/nested.ts';
import type { Region } from '../store.ts';
import type { Place } from './answer.ts';
import type { RowReader } from './rowReader.ts';
import { ROOT_ORDER } from './sharedMemory.ts';

/** Pixels of order 24 in a root. */
const PIXELS_PER_ROOT = 4 ** (MAX_ORDER - ROOT_ORDER);

export function placeOfRegion(region: Region, rows: RowReader): Place {
  if (region.kind === 'moc') {
    const { moc } = region;
    return { cone: null, roots: rootsOf(moc.ranges), test: (ref) => isInMoc(moc, rows.raDeg(ref), rows.decDeg(ref)) };
  }
  const { polygon } = region;
  const at = new Float64Array(3);
  return {
    cone: polygonBound(polygon),
    test: (ref) => {
      unitVectorInto(rows.raDeg(ref), rows.decDeg(ref), at, 0);
      return isInPolygon(polygon, at[0], at[1], at[2]);
    },
  };
}

/** The roots that sorted ranges of order-24 pixels touch, each once. */
function rootsOf(ranges: Float64Array): number[] {
  const roots: number[] = [];
  let next = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    const last = Math.floor((ranges[i + 1] - 1) / PIXELS_PER_ROOT);
    for (let root = Math.max(next, Math.floor(ranges[i] / PIXELS_PER_ROOT)); root <= last; root++) roots.push(root);
    next = Math.max(next, last + 1);
  }
  return roots;
}
