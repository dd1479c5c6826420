// The rows of an answer of any size in order, a page at a time, with bounded memory and in slices of about a
// millisecond. What fits is gathered whole and sorted as far as it is read. What doesn't is cut by time: the rows found
// until then are a sample whose quantiles split the window, and the parts are answered one after another. So a limit of
// 100 in a field of millions reads a few parts only.

import type { DetectionQuery, TimeWindow } from '../../model/window.ts';
import type { Answer, Place } from './answer.ts';
import type { RowFilter } from './rowFilter.ts';
import { nextTurn } from './turns.ts';

/** Entries looked at in a turn. */
const ENTRIES_PER_TURN = 100_000;
/** Rows put to their filter in a turn: each may be a cache miss or two. */
const ROWS_PER_TURN = 4000;
/** Rows held at once, 12 bytes each. */
const MAX_GATHERED = 131_072;
const PARTS = 8;

/** Rows [first, end) of answer.sorted are the next in order. */
export interface OrderedRefs {
  first: number;
  end: number;
}

export async function* gatherInOrder(
  answer: Answer,
  places: readonly Place[],
  filter: RowFilter,
  window: TimeWindow,
  query: DetectionQuery,
  pageRows: number,
): AsyncGenerator<OrderedRefs> {
  const { signal } = query;
  const { sorted } = answer;
  // windows still to answer, the earliest last
  const windows: { window: TimeWindow; isWhole: boolean }[] = [{ window: startingAt(window, query), isWhole: false }];
  for (let part = windows.pop(); part !== undefined; part = windows.pop()) {
    const cuts = await gather(answer, places, filter, part.window, part.isWhole ? Infinity : MAX_GATHERED, signal);
    if (cuts !== null) {
      windows.push(...partsOf(part.window, cuts));
      continue;
    }
    for (let first = 0; first < sorted.length; first += pageRows) {
      const end = Math.min(first + pageRows, sorted.length);
      sorted.sortFirst(end);
      yield { first, end };
    }
  }
}

/** Fills answer.sorted; or gives up at `most` rows and returns times to cut the window at. */
async function gather(
  answer: Answer,
  places: readonly Place[],
  filter: RowFilter,
  window: TimeWindow,
  most: number,
  signal: AbortSignal | undefined,
): Promise<number[] | null> {
  const { sorted } = answer;
  sorted.clear();
  for (const place of places) {
    answer.beginPlace(place, window);
    let isDone = false;
    while (!isDone) {
      isDone = answer.scan(ENTRIES_PER_TURN);
      while (!answer.take(place.test, filter, ROWS_PER_TURN)) await nextTurn(signal);
      if (sorted.length > most) return quantiles(sorted.keys.subarray(0, sorted.length));
      if (!isDone) await nextTurn(signal);
    }
  }
  return null;
}

function startingAt(window: TimeWindow, query: DetectionQuery): TimeWindow {
  if (query.after === undefined) return window;
  return { mjdMinTai: Math.max(window.mjdMinTai, query.after.mjdTai), mjdMaxTai: window.mjdMaxTai };
}

function quantiles(mjdTai: Float64Array): number[] {
  const sample = Float64Array.from({ length: 1024 }, (_, i) => mjdTai[Math.floor((i * mjdTai.length) / 1024)]).sort();
  return Array.from({ length: PARTS - 1 }, (_, i) => sample[Math.floor(((i + 1) * sample.length) / PARTS)]);
}

/** The window in parts, latest first. A time that fills the sample becomes a part of its own, to be gathered whole. */
function partsOf(window: TimeWindow, cuts: readonly number[]): { window: TimeWindow; isWhole: boolean }[] {
  const isOneTime = cuts[0] === cuts[cuts.length - 1];
  const ends = isOneTime ? [cuts[0], nextUp(cuts[0])] : cuts;
  const inside = [...new Set(ends)].filter((cut) => cut > window.mjdMinTai && cut < window.mjdMaxTai);
  const edges = [window.mjdMinTai, ...inside, window.mjdMaxTai];
  const parts = [];
  for (let i = edges.length - 2; i >= 0; i--) {
    const isWhole = edges.length === 2 || (isOneTime && edges[i] === cuts[0]);
    parts.push({ window: { mjdMinTai: edges[i], mjdMaxTai: edges[i + 1] }, isWhole });
  }
  return parts;
}

const BITS = new BigInt64Array(1);
const VALUE = new Float64Array(BITS.buffer);

/** The next larger number; for positive ones. */
function nextUp(value: number): number {
  VALUE[0] = value;
  BITS[0] += 1n;
  return VALUE[0];
}
