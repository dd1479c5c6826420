// Multi-Order Coverage maps (IVOA MOC 2.0, space MOCs only): any region as a set of HEALPix pixels.
//
// Inside: sorted, disjoint, half-open ranges of NESTED pixels at order 24 (12 * 4^24 < 2^53, so they are exact numbers). The standard goes to order 29;
// orders above 24 are refused, not rounded. Text costs what it is long, however large a range it names.

import { AppError, shownValue } from '../errors.ts';
import type { Cone, Polygon } from './regions.ts';
import { INSIDE, OUTSIDE, coneTest, polygonTest, testPixel, type PixelTest } from './healpix/cover.ts';
import { MAX_ORDER, checkOrder, ipixOf, pixelCount } from './healpix/nested.ts';

export interface Moc {
  /** The finest order the map was made at. */
  readonly maxOrder: number;
  /** [low, high) pairs at order 24: ascending, disjoint, not touching. */
  readonly ranges: Float64Array;
}

/** Ranges in a MOC as it is read, 8 MB of them; unions may have more. */
export const MAX_MOC_RANGES = 500_000;

/** MOC of pixel ranges [low, high) at order 24 in any order, overlapping or not. */
export function mocOfRanges(ranges: Float64Array | readonly number[], maxOrder = MAX_ORDER): Moc {
  checkOrder(maxOrder);
  if (ranges.length % 2 !== 0) throw badMoc('has an odd number of range ends');
  if (ranges.length > 2 * MAX_MOC_RANGES) throw tooManyRanges();
  const size = 4 ** (MAX_ORDER - maxOrder);
  for (let i = 0; i < ranges.length; i += 2) {
    const low = ranges[i];
    const high = ranges[i + 1];
    const isWhole = Number.isInteger(low / size) && Number.isInteger(high / size);
    if (!isWhole || low < 0 || high <= low || high > pixelCount(MAX_ORDER)) {
      throw badMoc(`has the range ${String(low)} to ${String(high)}, must be ascending whole pixels of order ${String(maxOrder)}`);
    }
  }
  return { maxOrder, ranges: merged(ranges) };
}

export const EMPTY_MOC: Moc = { maxOrder: 0, ranges: new Float64Array(0) };

/** Whether the order-24 pixel of a position is in the map: a pixel's own boundary belongs to the pixel that ipixOf names. */
export function isInMoc(moc: Moc, raDeg: number, decDeg: number): boolean {
  return isInRanges(moc.ranges, ipixOf(MAX_ORDER, raDeg, decDeg));
}

/** Whether an order-24 pixel is in sorted ranges. */
export function isInRanges(ranges: Float64Array, ipix: number): boolean {
  // the number of ends at or below ipix is odd inside a range
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[middle] <= ipix) low = middle + 1;
    else high = middle;
  }
  return (low & 1) === 1;
}

export function mocUnion(a: Moc, b: Moc): Moc {
  const both = new Float64Array(a.ranges.length + b.ranges.length);
  both.set(a.ranges);
  both.set(b.ranges, a.ranges.length);
  return { maxOrder: Math.max(a.maxOrder, b.maxOrder), ranges: merged(both) };
}

export function mocIntersection(a: Moc, b: Moc): Moc {
  const out: number[] = [];
  for (let i = 0, j = 0; i < a.ranges.length && j < b.ranges.length;) {
    const low = Math.max(a.ranges[i], b.ranges[j]);
    const high = Math.min(a.ranges[i + 1], b.ranges[j + 1]);
    if (low < high) out.push(low, high);
    if (a.ranges[i + 1] < b.ranges[j + 1]) i += 2;
    else j += 2;
  }
  return { maxOrder: Math.max(a.maxOrder, b.maxOrder), ranges: Float64Array.from(out) };
}

/** The rest of the sky. */
export function mocComplement(moc: Moc): Moc {
  const { ranges } = moc;
  const out: number[] = [];
  let from = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    if (ranges[i] > from) out.push(from, ranges[i]);
    from = ranges[i + 1];
  }
  if (from < pixelCount(MAX_ORDER)) out.push(from, pixelCount(MAX_ORDER));
  return { maxOrder: moc.maxOrder, ranges: Float64Array.from(out) };
}

/** Part of the sky that is covered, 0 to 1. */
export function mocSkyFraction(moc: Moc): number {
  let pixels = 0;
  for (let i = 0; i < moc.ranges.length; i += 2) pixels += moc.ranges[i + 1] - moc.ranges[i];
  return pixels / pixelCount(MAX_ORDER);
}

/** All pixels of `order` that may meet the cone: holds the whole cone. */
export function mocOfCone(cone: Cone, order: number): Moc {
  return mocOfTest(coneTest(cone), order);
}

/** All pixels of `order` that may meet the polygon. */
export function mocOfPolygon(polygon: Polygon, order: number): Moc {
  return mocOfTest(polygonTest(polygon), order);
}

function mocOfTest(test: PixelTest, order: number): Moc {
  checkOrder(order);
  const out: number[] = [];
  const visit = (level: number, ipix: number): void => {
    const found = testPixel(test, level, ipix);
    if (found === OUTSIDE) return;
    if (found !== INSIDE && level < order) {
      for (let child = 0; child < 4; child++) visit(level + 1, 4 * ipix + child);
      return;
    }
    const size = 4 ** (MAX_ORDER - level);
    // pixels come in ascending order, so touching ones join here
    if (out.length > 0 && out[out.length - 1] === ipix * size) out[out.length - 1] = (ipix + 1) * size;
    else out.push(ipix * size, (ipix + 1) * size);
    if (out.length > 2 * MAX_MOC_RANGES) throw tooManyRanges();
  };
  for (let face = 0; face < 12; face++) visit(0, face);
  return { maxOrder: order, ranges: Float64Array.from(out) };
}

/**
 * Sorted, with overlapping and touching ranges joined. Lows and highs are sorted apart: where the i-th low is beyond the (i-1)-th
 * high, all ranges begun before have ended, so there is a gap.
 */
function merged(ranges: Float64Array | readonly number[]): Float64Array {
  const count = ranges.length / 2;
  if (count === 0) return new Float64Array(0);
  const lows = new Float64Array(count);
  const highs = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    lows[i] = ranges[2 * i];
    highs[i] = ranges[2 * i + 1];
  }
  lows.sort();
  highs.sort();
  const out = new Float64Array(ranges.length);
  out[0] = lows[0];
  let n = 1;
  for (let i = 1; i < count; i++) {
    if (lows[i] <= highs[i - 1]) continue;
    out[n++] = highs[i - 1];
    out[n++] = lows[i];
  }
  out[n++] = highs[count - 1];
  return out.slice(0, n);
}

// an order with its slash, a pixel, or a range; blanks and commas part them
const TOKEN = /(\d+)\s*\/|(\d+)\s*-\s*(\d+)|(\d+)/y;
const SEPARATOR = /[\s,]*/y;

/** Reads "5/1-3 8 6/27 9/": an order opens its pixels; one without pixels only states the finest order. */
export function mocOfAscii(text: string): Moc {
  const out: number[] = [];
  let order = -1;
  let maxOrder = 0;
  let at = 0;
  const skipSeparators = (): void => {
    SEPARATOR.lastIndex = at;
    SEPARATOR.exec(text);
    at = SEPARATOR.lastIndex;
  };
  skipSeparators();
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text);
    if (token === null) throw badMoc(`has ${shownValue(text.slice(at, at + 20))} at character ${String(at)}, must be like 5/1-3 8 6/27`);
    at = TOKEN.lastIndex;
    if (token[1] !== undefined) {
      order = mocOrder(Number(token[1]));
      maxOrder = Math.max(maxOrder, order);
    } else {
      if (order < 0) throw badMoc(`begins with ${shownValue(token[0])}, must begin with an order such as 5/`);
      const first = Number(token[2] ?? token[4]);
      pushPixels(out, order, first, token[3] === undefined ? first : Number(token[3]));
    }
    skipSeparators();
  }
  return { maxOrder, ranges: merged(out) };
}

/** Reads the JSON form, {"5": [1, 2, 3], "6": [27]}, already parsed. */
export function mocOfJson(value: unknown): Moc {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badMoc('is not a JSON object of orders');
  const out: number[] = [];
  let maxOrder = 0;
  for (const [key, pixels] of Object.entries(value) as [string, unknown][]) {
    if (!/^\d{1,4}$/.test(key)) throw badMoc(`has the key ${shownValue(key)}, must be an order`);
    const order = mocOrder(Number(key));
    maxOrder = Math.max(maxOrder, order);
    if (!Array.isArray(pixels)) throw badMoc(`has no list of pixels at order ${key}`);
    for (const pixel of pixels as unknown[]) {
      if (typeof pixel !== 'number') throw badMoc(`has the pixel ${shownValue(pixel)} at order ${key}, must be a number`);
      pushPixels(out, order, pixel, pixel);
    }
  }
  return { maxOrder, ranges: merged(out) };
}

function pushPixels(out: number[], order: number, first: number, last: number): void {
  const count = pixelCount(order);
  if (!Number.isInteger(first) || first < 0 || !(last < count) || first >= count) {
    throw badMoc(
      `has pixel ${String(last < count ? first : last)} at order ${String(order)}, must be a whole number below ${String(count)}`,
    );
  }
  if (last < first) throw badMoc(`has the range ${String(first)}-${String(last)}, must be ascending`);
  if (out.length >= 2 * MAX_MOC_RANGES) throw tooManyRanges();
  const size = 4 ** (MAX_ORDER - order);
  out.push(first * size, (last + 1) * size);
}

function mocOrder(order: number): number {
  if (order > MAX_ORDER) throw badMoc(`has order ${String(order)}, must be at most ${String(MAX_ORDER)}`);
  return order;
}

/** The largest pixels that make up the map: for each order the [first, last] runs. */
function runsByOrder(moc: Moc): [number, number][][] {
  const runs: [number, number][][] = Array.from({ length: MAX_ORDER + 1 }, () => []);
  for (let i = 0; i < moc.ranges.length; i += 2) {
    let low = moc.ranges[i];
    const high = moc.ranges[i + 1];
    while (low < high) {
      // the largest pixel that begins at low and ends by high
      let order = MAX_ORDER;
      let size = 1;
      while (order > 0 && low % (size * 4) === 0 && low + size * 4 <= high) {
        size *= 4;
        order -= 1;
      }
      const pixel = low / size;
      const last = runs[order].at(-1);
      if (last?.[1] === pixel - 1) last[1] = pixel;
      else runs[order].push([pixel, pixel]);
      low += size;
    }
  }
  return runs;
}

/** The canonical text: largest pixels first, runs as first-last, and the finest order stated at the end if it has no pixel. */
export function mocToAscii(moc: Moc): string {
  const runs = runsByOrder(moc);
  const parts: string[] = [];
  for (let order = 0; order <= MAX_ORDER; order++) {
    if (runs[order].length === 0 && order !== moc.maxOrder) continue;
    const pixels = runs[order].map(([first, last]) => (first === last ? String(first) : `${String(first)}-${String(last)}`));
    parts.push(`${String(order)}/${pixels.join(' ')}`);
  }
  return parts.join(' ');
}

/** The JSON form, an object of orders to lists of pixels. */
export function mocToJson(moc: Moc): Record<string, number[]> {
  const out: Record<string, number[]> = {};
  runsByOrder(moc).forEach((runs, order) => {
    if (runs.length === 0 && order !== moc.maxOrder) return;
    out[String(order)] = runs.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
  });
  return out;
}

function badMoc(what: string): AppError {
  return new AppError('invalid_argument', `moc ${what}`, { details: { field: 'moc' } });
}

function tooManyRanges(): AppError {
  return badMoc(`has more than ${String(MAX_MOC_RANGES)} ranges, must have at most that many`);
}
