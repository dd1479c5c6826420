// Objects and aliases, writer's side. A detection joins the nearest object whose founding position lies within the
// association radius, or founds one; objects are found through a page tree of their own, by the same flat frames as the
// rows. An alias is an object id that came with rows: its record lists the objects that such rows joined.
//
// An object has no list of its rows: they lie within the radius around it and carry its ref (memoryReader.ts).

import { coneOf, separationRad } from '../../sky/cone.ts';
import { unitVector, unitVectorInto } from '../../sky/vector.ts';
import { compareSourceIds } from '../../model/ids.ts';
import type { BatchView } from './batchView.ts';
import { findAlias, findObject } from './lookup.ts';
import type { BlockAllocator } from './blockAllocator.ts';
import type { Limbo } from './epochs.ts';
import { NO_END, PageScan, type StepWindow } from './pageScan.ts';
import { PageTree, timeStep } from './pageTree.ts';
import { RefTable } from './refTable.ts';
import { ALIAS, LINK_BYTES, OBJECT, OBJECT_BYTES, OBJECT_FAR, OBJECT_TEXT_ID } from './rowLayout.ts';
import { PLACE, type RowPlace } from './rootFrames.ts';
import type { RowReader } from './rowReader.ts';
import { ALIAS_TABLE_AT, OBJECT_ROOTS_AT, OBJECT_TABLE_AT, type SharedMemory } from './sharedMemory.ts';
import type { SlabAllocator } from './slabAllocator.ts';
import { hashOfInt64, hashOfText, isText, textBytes, textLength, writeText } from './texts.ts';

const ANY_TIME: StepWindow = { first: 0, firstSure: -1, lastSure: Infinity, last: Infinity };

/** An association radius. */
export interface Radius {
  readonly rad: number;
  readonly chordSq: number;
}

export class Objects {
  readonly tree: PageTree;
  readonly #memory: SharedMemory;
  readonly #slabs: SlabAllocator;
  readonly #named: Limbo;
  readonly #rows: RowReader;
  readonly #table: RefTable;
  readonly #aliases: RefTable;
  readonly #scan: PageScan;
  readonly #vector = new Float64Array(3);
  #from: Float64Array = new Float64Array(3);
  #radius: Radius = { rad: 0, chordSq: 0 };

  constructor(
    memory: SharedMemory,
    blocks: BlockAllocator,
    slabs: SlabAllocator,
    pages: Limbo,
    named: Limbo,
    freedBlocks: Limbo,
    rows: RowReader,
  ) {
    this.#memory = memory;
    this.#slabs = slabs;
    this.#named = named;
    this.#rows = rows;
    this.tree = new PageTree(memory, slabs, pages, OBJECT_ROOTS_AT);
    this.#table = new RefTable(memory, OBJECT_TABLE_AT, blocks, freedBlocks);
    this.#aliases = new RefTable(memory, ALIAS_TABLE_AT, blocks, freedBlocks);
    this.#scan = new PageScan(memory, OBJECT_ROOTS_AT, (ref) => this.#isWithin(ref));
  }

  /** The object that a row joins, 0 when there is none: nearest, ties to the smaller id, never one of its own exposure. */
  nearest(batch: BatchView, row: number, survey: number, place: RowPlace, radius: Radius, hiddenBeforeMjdTai: number): number {
    const { u32, f64 } = this.#memory;
    const { columns } = batch;
    const mjdTai = columns.mjdTai[row];
    this.#from = place.at;
    this.#radius = radius;
    const scan = this.#scan;
    if (place.isInterior(radius.rad)) scan.beginAt(place, radius.rad, radius.chordSq, ANY_TIME);
    else scan.begin(coneOf(columns.raDeg[row], columns.decDeg[row], radius.rad), ANY_TIME);
    scan.run(NO_END);
    const { refs, count } = scan;
    let candidates = 0;
    for (let i = 0; i < count; i++) {
      const object = refs[i];
      if (f64[object + OBJECT.mjdTai / 2] === mjdTai && (u32[object * 2 + OBJECT.survey] & 0xffff) === survey) continue;
      // all its detections are being evicted: it is gone already
      if (f64[object + OBJECT.nightEndTai / 2] <= hiddenBeforeMjdTai) continue;
      refs[candidates++] = object;
    }
    return candidates < 2 ? (candidates === 0 ? 0 : refs[0]) : this.#nearestOf(refs, candidates);
  }

  #nearestOf(objects: Uint32Array, count: number): number {
    let best = 0;
    let bestSq = Infinity;
    for (let i = 0; i < count; i++) {
      const object = objects[i];
      const chordSq = this.#chordSqTo(object);
      if (chordSq < bestSq || (chordSq === bestSq && this.#isSmallerId(object, best))) {
        best = object;
        bestSq = chordSq;
      }
    }
    return best;
  }

  /** The object that begins with this row, or the one that did before its founder was evicted. */
  found(batch: BatchView, row: number, survey: number, hash: number, place: RowPlace, hiddenBeforeMjdTai: number): number {
    const { columns } = batch;
    const text = columns.sourceIdText[row];
    const low = batch.sourceId[2 * row];
    const high = batch.sourceId[2 * row + 1];
    const known = findObject(this.#memory, this.#table, survey, text, low, high, hash);
    if (known !== 0 && !this.isGone(known, hiddenBeforeMjdTai)) {
      this.#markIfFar(known, columns.raDeg[row], columns.decDeg[row]);
      return known;
    }
    return this.add(survey, columns.raDeg[row], columns.decDeg[row], columns.mjdTai[row], text, low, high, hash, place);
  }

  /** A new object without rows. `place` is that of its position. */
  add(
    survey: number,
    raDeg: number,
    decDeg: number,
    mjdTai: number,
    text: string | null,
    low: number,
    high: number,
    hash: number,
    place: RowPlace,
  ): number {
    const { u32, f64 } = this.#memory;
    const object = this.#slabs.alloc(OBJECT_BYTES);
    const word = object * 2;
    u32[word + OBJECT.lastAlias] = 0;
    f64[object + OBJECT.nightEndTai / 2] = -Infinity;
    u32[word + OBJECT.survey] = survey | (text === null ? 0 : OBJECT_TEXT_ID);
    f64[object + OBJECT.raDeg / 2] = raDeg;
    f64[object + OBJECT.decDeg / 2] = decDeg;
    f64[object + OBJECT.mjdTai / 2] = mjdTai;
    u32[word + OBJECT.id] = text === null ? low : this.#writeText(text);
    u32[word + OBJECT.id + 1] = text === null ? high : 0;
    this.#table.insert(hash, object);
    this.tree.insert(place.root, place.at[PLACE.u], place.at[PLACE.v], timeStep(mjdTai), object);
    return object;
  }

  #writeText(text: string): number {
    const length = textLength(text);
    const ref = this.#slabs.alloc(4 + textBytes(length));
    this.#memory.u32[ref * 2] = length;
    writeText(this.#memory, ref * 8 + 4, text, length);
    return ref;
  }

  /** Notes that a row of a night that ends then has joined. */
  joined(object: number, nightEndTai: number): void {
    const { f64 } = this.#memory;
    if (nightEndTai > f64[object + OBJECT.nightEndTai / 2]) f64[object + OBJECT.nightEndTai / 2] = nightEndTai;
  }

  /** False only between its founding and its first row. */
  hasRows(object: number): boolean {
    return this.#memory.f64[object + OBJECT.nightEndTai / 2] !== -Infinity;
  }

  /** All its detections are in nights that ended by then. */
  isGone(object: number, mjdTai: number): boolean {
    return this.#memory.f64[object + OBJECT.nightEndTai / 2] <= mjdTai;
  }

  /** Takes it from the table and frees it. The tree must have been swept of it. */
  remove(object: number): void {
    const { u32 } = this.#memory;
    this.#table.remove(this.#hashOf(object), object);
    if (u32[object * 2 + OBJECT.survey] & OBJECT_TEXT_ID) {
      const text = u32[object * 2 + OBJECT.id];
      this.#named.retire(text, 4 + textBytes(u32[text * 2]));
    }
    this.#named.retire(object, OBJECT_BYTES);
  }

  /**
   * Notes that a row with this object id joins this object; returns the ref of the alias, made when it is new. Mostly it
   * is the one that the object's row before came with: then nothing is looked up.
   */
  linkAlias(text: string, object: number, isNew: boolean): number {
    const { u32 } = this.#memory;
    const last = u32[object * 2 + OBJECT.lastAlias];
    if (last !== 0 && isText(this.#memory, last * 8 + 4 * ALIAS.text, u32[last * 2 + ALIAS.length], text)) {
      u32[last * 2 + ALIAS.rows]++;
      return last;
    }
    const alias = this.#alias(text);
    u32[alias * 2 + ALIAS.rows]++;
    u32[object * 2 + OBJECT.lastAlias] = alias;
    const first = u32[alias * 2 + ALIAS.objects];
    // a new object can't be in the list: so the alias of a moving thing, of thousands of objects, costs no walk
    if (!isNew) for (let link = first; link !== 0; link = u32[link * 2 + 1]) if (u32[link * 2] === object) return alias;
    const link = this.#slabs.alloc(LINK_BYTES);
    u32[link * 2] = object;
    u32[link * 2 + 1] = first;
    Atomics.store(u32, alias * 2 + ALIAS.objects, link);
    return alias;
  }

  #alias(text: string): number {
    const { u32 } = this.#memory;
    const hash = hashOfText(text);
    const known = findAlias(this.#memory, this.#aliases, text, hash);
    if (known !== 0) return known;
    const length = textLength(text);
    const ref = this.#slabs.alloc(4 * ALIAS.text + textBytes(length));
    u32[ref * 2 + ALIAS.hash] = hash;
    u32[ref * 2 + ALIAS.length] = length;
    u32[ref * 2 + ALIAS.rows] = 0;
    u32[ref * 2 + ALIAS.objects] = 0;
    writeText(this.#memory, ref * 8 + 4 * ALIAS.text, text, length);
    this.#aliases.insert(hash, ref);
    return ref;
  }

  /** Undoes linkAlias for an evicted row; takes out the object where that is gone, and the alias with its last row. */
  unlink(alias: number, object: number, isObjectGone: boolean): void {
    const { u32 } = this.#memory;
    // the list may lose the object here: then it must be looked up again
    if (u32[object * 2 + OBJECT.lastAlias] === alias) u32[object * 2 + OBJECT.lastAlias] = 0;
    if (--u32[alias * 2 + ALIAS.rows] === 0) {
      for (let link = u32[alias * 2 + ALIAS.objects]; link !== 0; link = u32[link * 2 + 1]) this.#named.retire(link, LINK_BYTES);
      this.#aliases.remove(u32[alias * 2 + ALIAS.hash], alias);
      this.#named.retire(alias, 4 * ALIAS.text + textBytes(u32[alias * 2 + ALIAS.length]));
      return;
    }
    if (!isObjectGone) return;
    let before = alias * 2 + ALIAS.objects;
    for (let link = u32[before]; link !== 0; before = link * 2 + 1, link = u32[before]) {
      if (u32[link * 2] !== object) continue;
      Atomics.store(u32, before, u32[link * 2 + 1]);
      this.#named.retire(link, LINK_BYTES);
      return;
    }
  }

  #markIfFar(object: number, raDeg: number, decDeg: number): void {
    const { u32, f64 } = this.#memory;
    const founded = unitVector(f64[object + OBJECT.raDeg / 2], f64[object + OBJECT.decDeg / 2]);
    if (separationRad(founded, unitVector(raDeg, decDeg)) > 0) u32[object * 2 + OBJECT.survey] |= OBJECT_FAR;
  }

  #hashOf(object: number): number {
    const { u32 } = this.#memory;
    const id = u32[object * 2 + OBJECT.id];
    if ((u32[object * 2 + OBJECT.survey] & OBJECT_TEXT_ID) === 0) return hashOfInt64(id, u32[object * 2 + OBJECT.id + 1]);
    return hashOfText(this.#idText(object));
  }

  #idText(object: number): string {
    const survey = this.#rows.surveys.name(this.#memory.u32[object * 2 + OBJECT.survey] & 0xffff);
    return this.#rows.objectIdText(object).slice(survey.length + 1);
  }

  #isWithin(object: number): boolean {
    return this.#chordSqTo(object) <= this.#radius.chordSq;
  }

  #chordSqTo(object: number): number {
    const { f64 } = this.#memory;
    const vector = this.#vector;
    const from = this.#from;
    unitVectorInto(f64[object + OBJECT.raDeg / 2], f64[object + OBJECT.decDeg / 2], vector, 0);
    const dx = vector[0] - from[0];
    const dy = vector[1] - from[1];
    const dz = vector[2] - from[2];
    return dx * dx + dy * dy + dz * dz;
  }

  #isSmallerId(a: number, b: number): boolean {
    const { u32 } = this.#memory;
    const surveyA = this.#rows.surveys.name(u32[a * 2 + OBJECT.survey] & 0xffff);
    const surveyB = this.#rows.surveys.name(u32[b * 2 + OBJECT.survey] & 0xffff);
    if (surveyA !== surveyB) return surveyA < surveyB;
    return compareSourceIds(this.#idText(a), this.#idText(b)) < 0;
  }
}
