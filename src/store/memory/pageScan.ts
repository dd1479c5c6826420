// The hot index, reader's side: collects the refs of the rows in a cone (or on the whole sky) and a time window.
// A page entry decides where it can: surely inside by more than the rounding of u, v and t, or surely outside. What
// lies in between is decided by the row itself (RowCheck): isInside of its float64 position, its float64 time. So the
// answer is the exact one. A box inside the cone as a whole is taken without any test of place.
//
// The scan can stop after a number of entries and go on later; in between the reader must keep its epoch.

import type { Cone } from '../../sky/regions.ts';
import { FRAME_CENTRE, PLACE, RootCover, STEPS_PER_RAD, type RowPlace } from './rootFrames.ts';
import { FRAMES_AT, type SharedMemory } from './sharedMemory.ts';

/** Rounding of u and v, half a step each, and of w: less than this altogether, steps. */
const MARGIN_STEPS = 2;
/** Rounding of u and v themselves: a box is entered this much outside, steps. */
const BOX_MARGIN_STEPS = 1;
const INITIAL_REFS = 4096;
/** More entries than there are. */
export const NO_END = 2 ** 30;

/**
 * Slots of the cone's frame, steps: its direction; its chord widened by the margin. Then squared distances in the plane:
 * above FAR_SQ surely outside, up to INSIDE_SQ surely inside; and up to NEAR_SQ surely inside with w taken in.
 */
const CU = 0;
const CV = 1;
const CW = 2;
const REACH = 3;
const FAR_SQ = 4;
const INSIDE_SQ = 5;
const NEAR_SQ = 6;

/** Time steps of a window: outside [first, last] surely out, up to firstSure and from lastSure on the row decides. */
export interface StepWindow {
  first: number;
  firstSure: number;
  lastSure: number;
  last: number;
}

/** Asks the row itself. place: whether the cone must be asked too. */
export type RowCheck = (ref: number, place: boolean) => boolean;

export class PageScan {
  refs: Uint32Array = new Uint32Array(INITIAL_REFS);
  count = 0;
  readonly #u32: Uint32Array;
  readonly #f64: Float64Array;
  readonly #cover: RootCover;
  readonly #rootWord: number;
  readonly #check: RowCheck;

  #nextRoot = 0;
  // stack of boxes: slot word, corner, depth | 64 when inside. A box pops itself and pushes 4, so depth 12 needs 37
  #slots = new Float64Array(64);
  #boxU = new Float64Array(64);
  #boxV = new Float64Array(64);
  #depths = new Uint8Array(64);
  #height = 0;
  /** Page to go on with, after a stop within a chain. */
  #page = 0;
  #pageIsInside = false;

  #cone: Cone | null = null;
  /** The cone in the frame of the current root; numbers in an array, as fields they would be an object each. */
  readonly #frame = new Float64Array(7);
  #window: StepWindow = { first: 0, firstSure: -1, lastSure: Infinity, last: Infinity };

  constructor(memory: SharedMemory, rootsAt: number, check: RowCheck) {
    this.#u32 = memory.u32;
    this.#f64 = memory.f64;
    this.#cover = new RootCover(memory);
    this.#rootWord = rootsAt / 4;
    this.#check = check;
  }

  /** Begins with a cone, or the whole sky for null. */
  begin(cone: Cone | null, window: StepWindow): void {
    this.count = 0;
    this.#height = 0;
    this.#page = 0;
    this.#nextRoot = 0;
    this.#cone = cone;
    this.#window = window;
    if (cone === null) {
      this.#cover.coverAll();
      return;
    }
    this.#cover.cover(cone);
    this.#setReach(cone.chordSq);
  }

  #setReach(chordSq: number): void {
    const chord = Math.sqrt(chordSq) * STEPS_PER_RAD;
    const cone = this.#frame;
    cone[REACH] = chord + MARGIN_STEPS;
    cone[FAR_SQ] = (chord + MARGIN_STEPS) * (chord + MARGIN_STEPS);
    cone[NEAR_SQ] = chord > MARGIN_STEPS ? (chord - MARGIN_STEPS) * (chord - MARGIN_STEPS) : -1;
  }

  /** Begins with a small cone around a row's place, all of it in the row's root. No allocation. */
  beginAt(place: RowPlace, radiusRad: number, chordSq: number, window: StepWindow): void {
    this.count = 0;
    this.#page = 0;
    this.#nextRoot = 0;
    this.#cover.count = 0;
    this.#cone = null;
    this.#window = window;
    this.#setReach(chordSq);
    const { at } = place;
    this.#turnTo(at[PLACE.u], at[PLACE.v], at[PLACE.w]);
    this.#height = 0;
    this.#push(this.#rootWord + place.root, 0, 0, 0);
  }

  /** Begins with the given roots, all taken as inside the region. */
  beginRoots(roots: ArrayLike<number>, window: StepWindow): void {
    this.begin(null, window);
    this.#cover.count = roots.length;
    this.#cover.roots.set(roots);
  }

  /** Goes on until about `budget` entries were looked at; true when the scan is complete. */
  run(budget: number): boolean {
    const u32 = this.#u32;
    for (;;) {
      while (this.#page !== 0) {
        if (budget <= 0) return false;
        const page = this.#page * 2;
        budget -= this.#pageIsInside ? this.#takePage(page) : this.#testPage(page);
        this.#page = u32[page];
      }
      if (this.#height === 0) {
        if (this.#nextRoot === this.#cover.count) return true;
        budget--;
        this.#enterRoot(this.#nextRoot++);
        continue;
      }
      const top = --this.#height;
      const entry = Atomics.load(u32, this.#slots[top]);
      if (entry === 0) continue;
      if ((entry & 1) !== 0) this.#enterNode((entry - 1) * 2, this.#boxU[top], this.#boxV[top], this.#depths[top]);
      else {
        this.#page = entry;
        this.#pageIsInside = (this.#depths[top] & 64) !== 0;
      }
    }
  }

  #enterRoot(i: number): void {
    const root = this.#cover.roots[i];
    const slot = this.#rootWord + root;
    if (this.#u32[slot] === 0 && Atomics.load(this.#u32, slot) === 0) return;
    const isInside = this.#cover.isInside[i] === 1;
    if (!isInside) this.#turnToRoot(root);
    this.#push(slot, 0, 0, isInside ? 64 : 0);
  }

  // the cone's direction in the frame of the root, and what follows for tests in its plane
  #turnToRoot(root: number): void {
    const cone = this.#cone;
    if (cone === null) return;
    const f64 = this.#f64;
    const at = FRAMES_AT / 8 + root * 4;
    const ex = f64[at];
    const ey = f64[at + 1];
    const ez = f64[at + 2];
    const axis = f64[at + 3];
    const along = cone.x * ex + cone.y * ey + cone.z * ez;
    const u = (ex * cone.y - ey * cone.x) / axis;
    const v = (cone.z - ez * along) / axis;
    this.#turnTo(u * STEPS_PER_RAD + FRAME_CENTRE, v * STEPS_PER_RAD + FRAME_CENTRE, along * STEPS_PER_RAD);
  }

  #turnTo(cu: number, cv: number, cw: number): void {
    const frame = this.#frame;
    frame[CU] = cu;
    frame[CV] = cv;
    frame[CW] = cw;
    const u = (cu - FRAME_CENTRE) / STEPS_PER_RAD;
    const v = (cv - FRAME_CENTRE) / STEPS_PER_RAD;
    const along = cw / STEPS_PER_RAD;
    // chord^2 = d^2 + (w - cw)^2 with d the distance in the plane, and |w - cw| = |(p + c).(p - c)| / (w + cw) <= d |p + c| / (w + cw)
    // where p, c are the plane parts: a fixed share of d for directions of this side of the sky
    const tilt = along > 0.5 ? (0.025 + Math.sqrt(u * u + v * v)) / (0.999 + along) : Infinity;
    frame[INSIDE_SQ] = tilt < 1 && frame[NEAR_SQ] > 0 ? frame[NEAR_SQ] / (1 + tilt * tilt) : -1;
  }

  #enterNode(first: number, u: number, v: number, depthAndInside: number): void {
    const depth = (depthAndInside & 63) + 1;
    const half = 2 ** (32 - depth);
    const inside = depthAndInside & 64;
    if (inside !== 0) {
      for (let child = 0; child < 4; child++) this.#push(first + child, u, v, depth | 64);
      return;
    }
    const frame = this.#frame;
    const reach = frame[REACH];
    const lowU = frame[CU] - reach;
    const highU = frame[CU] + reach;
    const lowV = frame[CV] - reach;
    const highV = frame[CV] + reach;
    const midU = u + half;
    const midV = v + half;
    // a cone smaller than the boxes can't hold one, and its corners don't matter
    const isSmall = reach < half;
    for (let child = 0; child < 4; child++) {
      const isEast = (child & 1) !== 0;
      const isNorth = (child & 2) !== 0;
      if (isEast ? highU < midU - BOX_MARGIN_STEPS : lowU > midU + BOX_MARGIN_STEPS) continue;
      if (isNorth ? highV < midV - BOX_MARGIN_STEPS : lowV > midV + BOX_MARGIN_STEPS) continue;
      const childU = isEast ? midU : u;
      const childV = isNorth ? midV : v;
      if (isSmall) this.#push(first + child, childU, childV, depth);
      else this.#pushTested(first + child, childU, childV, half, depth);
    }
  }

  #pushTested(slot: number, u: number, v: number, side: number, depth: number): void {
    const frame = this.#frame;
    const west = u - frame[CU];
    const east = west + side;
    const south = v - frame[CV];
    const north = south + side;
    const nearU = west > 0 ? west : east < 0 ? east : 0;
    const nearV = south > 0 ? south : north < 0 ? north : 0;
    if (nearU * nearU + nearV * nearV > frame[FAR_SQ]) return;
    const farU = -west > east ? west : east;
    const farV = -south > north ? south : north;
    this.#push(slot, u, v, farU * farU + farV * farV <= frame[INSIDE_SQ] ? depth | 64 : depth);
  }

  #push(slot: number, u: number, v: number, depthAndInside: number): void {
    const top = this.#height++;
    this.#slots[top] = slot;
    this.#boxU[top] = u;
    this.#boxV[top] = v;
    this.#depths[top] = depthAndInside;
  }

  /** A page inside the cone: only its times are looked at. */
  #takePage(page: number): number {
    const u32 = this.#u32;
    const rows = Atomics.load(u32, page + 1) & 255;
    const { first, firstSure, lastSure, last } = this.#window;
    const earliest = u32[page + 2];
    const latest = u32[page + 3];
    if (latest < first || earliest > last) return 1;
    if (this.count + rows > this.refs.length) this.#growRefs();
    const refs = this.refs;
    let n = this.count;
    const end = page + 4 + rows * 4;
    if (earliest > firstSure && latest < lastSure) {
      for (let at = page + 7; at < end; at += 4) refs[n++] = u32[at];
    } else {
      for (let at = page + 4; at < end; at += 4) {
        const t = u32[at + 2];
        if (t < first || t > last) continue;
        if ((t <= firstSure || t >= lastSure) && !this.#check(u32[at + 3], false)) continue;
        refs[n++] = u32[at + 3];
      }
    }
    this.count = n;
    return rows;
  }

  #testPage(page: number): number {
    const u32 = this.#u32;
    const rows = Atomics.load(u32, page + 1) & 255;
    const { first, firstSure, lastSure, last } = this.#window;
    if (u32[page + 3] < first || u32[page + 2] > last) return 1;
    if (this.count + rows > this.refs.length) this.#growRefs();
    const refs = this.refs;
    const frame = this.#frame;
    const cu = frame[CU];
    const cv = frame[CV];
    const farSq = frame[FAR_SQ];
    const insideSq = frame[INSIDE_SQ];
    let n = this.count;
    const end = page + 4 + rows * 4;
    for (let at = page + 4; at < end; at += 4) {
      const du = u32[at] - cu;
      const dv = u32[at + 1] - cv;
      const planeSq = du * du + dv * dv;
      if (planeSq > farSq) continue;
      const t = u32[at + 2];
      if (t < first || t > last) continue;
      const ref = u32[at + 3];
      if (planeSq <= insideSq) {
        if ((t <= firstSure || t >= lastSure) && !this.#check(ref, false)) continue;
      } else if (!this.#testRim(u32[at], u32[at + 1], planeSq, t, ref)) continue;
      refs[n++] = ref;
    }
    this.count = n;
    return rows;
  }

  /** With the third coordinate; within the margin of the rim the row decides. */
  #testRim(u: number, v: number, planeSq: number, t: number, ref: number): boolean {
    const frame = this.#frame;
    const pu = (u - FRAME_CENTRE) / STEPS_PER_RAD;
    const pv = (v - FRAME_CENTRE) / STEPS_PER_RAD;
    const dw = Math.sqrt(1 - pu * pu - pv * pv) * STEPS_PER_RAD - frame[CW];
    const chordSq = planeSq + dw * dw;
    if (chordSq > frame[FAR_SQ]) return false;
    if (chordSq > frame[NEAR_SQ]) return this.#check(ref, true);
    const { firstSure, lastSure } = this.#window;
    return (t > firstSure && t < lastSure) || this.#check(ref, false);
  }

  #growRefs(): void {
    const larger = new Uint32Array(2 * this.refs.length);
    larger.set(this.refs);
    this.refs = larger;
  }
}
