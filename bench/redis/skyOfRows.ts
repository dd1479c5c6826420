// The made sky for a number of rows. Fewer than 10 M fill a wedge of right ascension at the density that 10 M have on the
// whole sky: rows a block, a shard and a night stay what they are.

import { EPOCHS, makeSky, type Sky } from '../../sim/survey.ts';

const FULL_ROWS = 10_000_000;

export function wedgeDegOf(rows: number): number {
  return 360 * Math.min(1, rows / FULL_ROWS);
}

export function skyOfRows(rows: number, seed: number): Sky {
  return makeSky(Math.max(1, Math.floor(rows / EPOCHS)), seed, wedgeDegOf(rows));
}
