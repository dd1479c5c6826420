// The objects of one shard as this process knows them: a copy of the shard's object log in Redis, and an
// index of it for association. The log only grows (eviction rewrites it under a new generation), so a copy
// catches up by reading its new bytes. Objects founded here stand at its end, unconfirmed until Redis has
// taken them; a refused write takes them off again.
//
// Log entry: u16 bytes, f64 raDeg, f64 decDeg, f64 mjdTai, u16 survey, u8 1 where the id is text, id.

import { unitVectorInto } from '../../sky/vector.ts';
import type { ByteSink, ObjectRef } from '../packedRow.ts';
import { LAT, LON, type LocalFrame } from './localFrame.ts';

const ENTRY_HEAD = 29;
const NONE = -1;

export interface FoundedObject extends ObjectRef {
  readonly raDeg: number;
  readonly decDeg: number;
  readonly mjdTai: number;
}

export function writeEntry(sink: ByteSink, object: FoundedObject): void {
  sink.reserve(ENTRY_HEAD + 8 + 3 * (object.idText?.length ?? 0));
  const { view, bytes } = sink;
  const at = sink.length;
  view.setFloat64(at + 2, object.raDeg, true);
  view.setFloat64(at + 10, object.decDeg, true);
  view.setFloat64(at + 18, object.mjdTai, true);
  view.setUint16(at + 26, object.survey, true);
  let length = ENTRY_HEAD;
  if (object.idText === null) {
    bytes[at + 28] = 0;
    view.setBigInt64(at + length, object.id, true);
    length += 8;
  } else {
    bytes[at + 28] = 1;
    length += bytes.write(object.idText, at + length);
  }
  view.setUint16(at, length, true);
  sink.length = at + length;
}

export function* readEntries(log: Buffer): Generator<FoundedObject> {
  for (let at = 0; at < log.length; at += log.readUInt16LE(at)) {
    const isText = log[at + 28] === 1;
    yield {
      raDeg: log.readDoubleLE(at + 2),
      decDeg: log.readDoubleLE(at + 10),
      mjdTai: log.readDoubleLE(at + 18),
      survey: log.readUInt16LE(at + 26),
      id: isText ? 0n : log.readBigInt64LE(at + ENTRY_HEAD),
      idText: isText ? log.toString('utf8', at + ENTRY_HEAD, at + log.readUInt16LE(at)) : null,
    };
  }
}

const LOCAL = new Float64Array(2);

export class ObjectLog {
  readonly frame: LocalFrame;
  /** Token of the log in Redis that the confirmed entries belong to; empty before the first. */
  token = '';
  /** Generation of the log when it was last read, if ever it was (`wasRead`); outlives `clear`. */
  generation = 0;
  wasRead = false;
  /** Bytes of the confirmed entries. */
  bytes = 0;
  /** Confirmed entries. */
  confirmed = 0;
  /** False: to be read before it is used. */
  isKnown = false;
  lastUse = 0;

  #n = 0;
  #capacity = 64;
  #xyz = new Float64Array(3 * 64);
  #mjd = new Float64Array(64);
  #survey = new Uint16Array(64);
  #id = new BigInt64Array(64);
  #text: (string | null)[] = [];
  #radec = new Float64Array(2 * 64);
  /** Chains of the hash grid: the next entry of the same slot. */
  #next = new Int32Array(64);
  #slot = new Int32Array(64);
  #heads = new Int32Array(128).fill(NONE);
  readonly #cellDeg: number;

  /** `reachDeg`: the largest radius that `nearest` is asked with. */
  constructor(frame: LocalFrame, reachDeg: number) {
    this.frame = frame;
    // Lines of longitude close up by at most 1 % within a shard's reach of its equator.
    this.#cellDeg = 2.1 * reachDeg + 1e-9;
  }

  get length(): number {
    return this.#n;
  }

  get memoryBytes(): number {
    return this.#capacity * (24 + 8 + 2 + 8 + 16 + 8 + 8) + 4 * this.#heads.length;
  }

  objectAt(i: number): FoundedObject {
    return {
      raDeg: this.#radec[2 * i],
      decDeg: this.#radec[2 * i + 1],
      mjdTai: this.#mjd[i],
      survey: this.#survey[i],
      id: this.#id[i],
      idText: this.#text[i],
    };
  }

  add(object: FoundedObject): void {
    if (this.#n === this.#capacity) this.#grow();
    const i = this.#n++;
    unitVectorInto(object.raDeg, object.decDeg, this.#xyz, 3 * i);
    this.#radec[2 * i] = object.raDeg;
    this.#radec[2 * i + 1] = object.decDeg;
    this.#mjd[i] = object.mjdTai;
    this.#survey[i] = object.survey;
    this.#id[i] = object.id;
    this.#text[i] = object.idText;
    this.frame.toLocal(this.#xyz[3 * i], this.#xyz[3 * i + 1], this.#xyz[3 * i + 2], LOCAL);
    this.#link(i, this.#slotOf(Math.floor(LOCAL[LON] / this.#cellDeg), Math.floor(LOCAL[LAT] / this.#cellDeg)));
  }

  /** Appends what the log in Redis has beyond the confirmed bytes. */
  append(log: Buffer): void {
    for (const object of readEntries(log)) this.add(object);
    this.bytes += log.length;
    this.confirmed = this.#n;
  }

  /** Takes off the entries that Redis has not confirmed. Last in, first out: each is the head of its chain. */
  rollBack(): void {
    while (this.#n > this.confirmed) {
      const i = --this.#n;
      this.#heads[this.#slot[i]] = this.#next[i];
    }
    this.#text.length = this.#n;
  }

  clear(): void {
    this.#n = 0;
    this.#text.length = 0;
    this.#heads.fill(NONE);
    this.token = '';
    this.bytes = 0;
    this.confirmed = 0;
    this.isKnown = false;
  }

  /**
   * Improves `best` by the nearest object within the chord that the row may join. Not one founded by the same
   * survey at the same moment (two sources of one exposure are two objects); but a row finds its own object
   * again when that has outlived the row (`best.own`).
   */
  nearest(at: Float64Array, chordSq: number, row: ObjectRef, mjdTai: number, best: NearestObject): void {
    this.frame.toLocal(at[0], at[1], at[2], LOCAL);
    // The circle meets at most the 2 x 2 cells round the nearest cell corner.
    const cx = Math.round(LOCAL[LON] / this.#cellDeg);
    const cy = Math.round(LOCAL[LAT] / this.#cellDeg);
    for (let dx = -1; dx <= 0; dx++) {
      for (let dy = -1; dy <= 0; dy++) {
        this.#search(this.#slotOf(cx + dx, cy + dy), at, chordSq, row, mjdTai, best);
      }
    }
  }

  /** Index of this very object near the place, -1 where it is not. */
  find(at: Float64Array, ref: ObjectRef): number {
    this.frame.toLocal(at[0], at[1], at[2], LOCAL);
    const cx = Math.round(LOCAL[LON] / this.#cellDeg);
    const cy = Math.round(LOCAL[LAT] / this.#cellDeg);
    for (let dx = -1; dx <= 0; dx++) {
      for (let dy = -1; dy <= 0; dy++) {
        for (let i = this.#heads[this.#slotOf(cx + dx, cy + dy)]; i !== NONE; i = this.#next[i]) {
          if (this.#id[i] === ref.id && this.#survey[i] === ref.survey && this.#text[i] === ref.idText) return i;
        }
      }
    }
    return NONE;
  }

  #search(slot: number, at: Float64Array, chordSq: number, row: ObjectRef, mjdTai: number, best: NearestObject): void {
    const xyz = this.#xyz;
    for (let i = this.#heads[slot]; i !== NONE; i = this.#next[i]) {
      const dx = at[0] - xyz[3 * i];
      const dy = at[1] - xyz[3 * i + 1];
      const dz = at[2] - xyz[3 * i + 2];
      const sq = dx * dx + dy * dy + dz * dz;
      if (sq > chordSq) continue;
      if (this.#mjd[i] === mjdTai && this.#survey[i] === row.survey) {
        if (this.#id[i] === row.id && this.#text[i] === row.idText) best.own = true;
        continue;
      }
      if (sq < best.chordSq || (sq === best.chordSq && best.isAfter(this.objectAt(i)))) best.set(this, i, sq);
    }
  }

  #slotOf(cx: number, cy: number): number {
    return (Math.imul(cx, 0x9e3779b1) ^ Math.imul(cy, 0x85ebca6b)) & (this.#heads.length - 1);
  }

  #link(i: number, slot: number): void {
    this.#slot[i] = slot;
    this.#next[i] = this.#heads[slot];
    this.#heads[slot] = i;
  }

  #grow(): void {
    const capacity = 2 * this.#capacity;
    this.#xyz = grown(this.#xyz, new Float64Array(3 * capacity));
    this.#radec = grown(this.#radec, new Float64Array(2 * capacity));
    this.#mjd = grown(this.#mjd, new Float64Array(capacity));
    this.#survey = grown(this.#survey, new Uint16Array(capacity));
    this.#id = grown(this.#id, new BigInt64Array(capacity));
    this.#next = new Int32Array(capacity);
    this.#slot = new Int32Array(capacity);
    this.#heads = new Int32Array(2 * capacity).fill(NONE);
    this.#capacity = capacity;
    for (let i = 0; i < this.#n; i++) {
      this.frame.toLocal(this.#xyz[3 * i], this.#xyz[3 * i + 1], this.#xyz[3 * i + 2], LOCAL);
      this.#link(i, this.#slotOf(Math.floor(LOCAL[LON] / this.#cellDeg), Math.floor(LOCAL[LAT] / this.#cellDeg)));
    }
  }
}

function grown<T extends Float64Array | Uint16Array | BigInt64Array>(from: T, to: T): T {
  (to as Float64Array).set(from as Float64Array);
  return to;
}

/** The best object so far in a search over several shards. One is made per process and used again. */
export class NearestObject {
  log: ObjectLog | null = null;
  index = NONE;
  chordSq = Infinity;
  /** An object of the row's own id stands at this place. */
  own = false;
  readonly #isBefore: (a: ObjectRef, b: ObjectRef) => boolean;

  /** `isBefore`: order of objects at one distance. */
  constructor(isBefore: (a: ObjectRef, b: ObjectRef) => boolean) {
    this.#isBefore = isBefore;
  }

  reset(): void {
    this.log = null;
    this.index = NONE;
    this.chordSq = Infinity;
    this.own = false;
  }

  set(log: ObjectLog, index: number, chordSq: number): void {
    this.log = log;
    this.index = index;
    this.chordSq = chordSq;
  }

  isAfter(object: ObjectRef): boolean {
    return this.log !== null && this.#isBefore(object, this.log.objectAt(this.index));
  }
}
