// Which blocks a region may need: spans of block pixels by shard. A span is sure when the whole of it lies
// inside the region.

import type { Cover } from '../../sky/healpix/cover.ts';
import { coverCone, coverPolygon, smallConeCover } from '../../sky/healpix/cover.ts';
import { RAD_PER_DEG } from '../../sky/angle.ts';
import { MAX_ORDER } from '../../sky/healpix/nested.ts';
import type { Cone } from '../../sky/regions.ts';
import type { Region } from '../store.ts';
import type { Layout } from './layout.ts';

/** Block pixels [low, high). */
export interface Span {
  readonly low: number;
  readonly high: number;
  readonly isInside: boolean;
}

export interface Plan {
  readonly spans: ReadonlyMap<number, readonly Span[]>;
  readonly pixels: number;
}

const CELLS = new Float64Array(12);

export function planOfCone(cone: Cone, layout: Layout): Plan {
  const small = smallConeCover(cone.raDeg * RAD_PER_DEG, cone.decDeg * RAD_PER_DEG, cone.radiusRad, layout.blockOrder, CELLS);
  if (small.order === layout.blockOrder) {
    return planOfSpans(
      Array.from(CELLS.subarray(0, small.n), (low) => ({ low, high: low + 1, isInside: false })),
      layout,
    );
  }
  return planOfCover(coverCone(cone, layout.blockOrder), layout);
}

export function planOfRegion(region: Region, layout: Layout): Plan {
  if (region.kind === 'polygon') return planOfCover(coverPolygon(region.polygon, layout.blockOrder), layout);
  const size = 4 ** (MAX_ORDER - layout.blockOrder);
  const { ranges } = region.moc;
  const spans: Span[] = [];
  let from = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    // Two ranges may share a block's pixel: it is read once.
    const low = Math.max(from, Math.floor(ranges[i] / size));
    const high = Math.ceil(ranges[i + 1] / size);
    if (high > low) spans.push({ low, high, isInside: false });
    from = Math.max(from, high);
  }
  return planOfSpans(spans, layout);
}

function planOfCover(cover: Cover, layout: Layout): Plan {
  const size = 4 ** (layout.blockOrder - cover.order);
  const spans = Array.from(cover.ipix, (ipix, i) => ({ low: ipix * size, high: (ipix + 1) * size, isInside: cover.fullyInside[i] === 1 }));
  return planOfSpans(spans, layout);
}

/** Spans are disjoint; those across shards are cut at the border. */
function planOfSpans(spans: readonly Span[], { blocksPerShard }: Layout): Plan {
  const byShard = new Map<number, Span[]>();
  let pixels = 0;
  for (const { low, high, isInside } of spans) {
    for (let start = low; start < high;) {
      const shard = Math.floor(start / blocksPerShard);
      const end = Math.min(high, (shard + 1) * blocksPerShard);
      const part = { low: start, high: end, isInside };
      const known = byShard.get(shard);
      if (known === undefined) byShard.set(shard, [part]);
      else known.push(part);
      pixels += end - start;
      start = end;
    }
  }
  return { spans: byShard, pixels };
}
