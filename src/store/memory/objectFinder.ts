// Objects by their own id or by an alias, and where their detections lie.

import { coneOf } from '../../sky/cone.ts';
import { ALL_TIME, NO_FILTER } from '../../model/window.ts';
import type { ObjectRecord } from '../store.ts';
import { Answer, type Place } from './answer.ts';
import { findAlias, findObject, findRow, sourceIdOf } from './lookup.ts';
import { NO_END } from './pageScan.ts';
import { RefTableReader } from './refTable.ts';
import { RowFilter, isNightOver } from './rowFilter.ts';
import { ALIAS, OBJECT, OBJECT_FAR } from './rowLayout.ts';
import type { RowReader } from './rowReader.ts';
import { ALIAS_TABLE_AT, CONTROL, CONTROL_F64, ID_TABLE_AT, OBJECT_TABLE_AT, type SharedMemory } from './sharedMemory.ts';
import { hashOfText } from './texts.ts';

/** The rounding of a cone's radius must not lose a row that lies at the very rim. */
const RADIUS_MARGIN_RAD = 1e-12;

export class ObjectFinder {
  readonly #memory: SharedMemory;
  readonly #rows: RowReader;
  readonly #ids: RefTableReader;
  readonly #objects: RefTableReader;
  readonly #aliases: RefTableReader;
  readonly #answer: Answer;
  readonly #all: RowFilter;

  constructor(memory: SharedMemory, rows: RowReader) {
    this.#memory = memory;
    this.#rows = rows;
    this.#ids = new RefTableReader(memory, ID_TABLE_AT);
    this.#objects = new RefTableReader(memory, OBJECT_TABLE_AT);
    this.#aliases = new RefTableReader(memory, ALIAS_TABLE_AT);
    this.#answer = new Answer(memory, rows);
    this.#all = new RowFilter(rows, { window: ALL_TIME, filter: NO_FILTER, limit: Infinity });
  }

  /** The row with this key, 0 for none. */
  row(survey: string, sourceId: string): number {
    const index = this.#rows.surveys.find(survey);
    if (index < 0) return 0;
    const { text, low, high, hash } = sourceIdOf(sourceId);
    const ref = findRow(this.#memory, this.#rows, this.#ids, index, text, low, high, hash);
    if (ref === 0) return 0;
    const hidden = this.#hiddenBeforeMjdTai;
    return hidden !== -Infinity && isNightOver(this.#rows, ref, hidden) ? 0 : ref;
  }

  /** Refs of the objects with this id or alias, each once. */
  objects(objectId: string): number[] {
    const found = new Set<number>();
    // an object's id is survey:source_id, and both may hold colons
    for (let colon = objectId.indexOf(':'); colon >= 0; colon = objectId.indexOf(':', colon + 1)) {
      const survey = this.#rows.surveys.find(objectId.slice(0, colon));
      if (survey < 0) continue;
      const { text, low, high, hash } = sourceIdOf(objectId.slice(colon + 1));
      const object = findObject(this.#memory, this.#objects, survey, text, low, high, hash);
      if (object !== 0 && !this.#isGone(object)) found.add(object);
    }
    const { u32 } = this.#memory;
    const alias = findAlias(this.#memory, this.#aliases, objectId, hashOfText(objectId));
    if (alias === 0) return [...found];
    // the rows that carried it may be evicted while their object goes on
    const mayBeStale = u32[CONTROL.evictions] !== 0 || this.#hiddenBeforeMjdTai !== -Infinity;
    for (let link = Atomics.load(u32, alias * 2 + ALIAS.objects); link !== 0; link = Atomics.load(u32, link * 2 + 1)) {
      const object = u32[link * 2];
      if (found.has(object) || this.#isGone(object)) continue;
      if (!mayBeStale || this.#hasAlias(object, alias)) found.add(object);
    }
    return [...found];
  }

  /** Where all rows of an object lie: within the association radius, but for an id that came again elsewhere. */
  placeOf(object: number): Place {
    const { u32, f64 } = this.#memory;
    const test = (ref: number): boolean => u32[ref * 2 + 1] === object;
    if (u32[object * 2 + OBJECT.survey] & OBJECT_FAR) return { cone: null, test };
    const radiusRad = f64[CONTROL_F64.maxAssociationRad] + RADIUS_MARGIN_RAD;
    return { cone: coneOf(f64[object + OBJECT.raDeg / 2], f64[object + OBJECT.decDeg / 2], radiusRad), test };
  }

  record(object: number): ObjectRecord {
    const { f64 } = this.#memory;
    const rows = this.#rowsOf(object);
    const aliases = new Set<string>();
    for (let i = 0; i < rows.length; i++) {
      const alias = this.#rows.alias(rows.refs[i]);
      if (alias !== 0) aliases.add(this.#rows.aliasText(alias));
    }
    return {
      objectId: this.#rows.objectIdText(object),
      aliases: [...aliases].sort(),
      raDeg: f64[object + OBJECT.raDeg / 2],
      decDeg: f64[object + OBJECT.decDeg / 2],
      detections: rows.length,
      mjdTaiFirst: rows.keys[0],
      mjdTaiLast: rows.keys[rows.length - 1],
    };
  }

  #rowsOf(object: number): Answer['sorted'] {
    const { sorted } = this.#answer;
    const place = this.placeOf(object);
    sorted.clear();
    this.#answer.beginPlace(place, ALL_TIME);
    this.#answer.scan(NO_END);
    this.#answer.take(place.test, this.#all, NO_END);
    sorted.sortFirst(sorted.length);
    return sorted;
  }

  #hasAlias(object: number, alias: number): boolean {
    const rows = this.#rowsOf(object);
    for (let i = 0; i < rows.length; i++) if (this.#rows.alias(rows.refs[i]) === alias) return true;
    return false;
  }

  #isGone(object: number): boolean {
    return this.#memory.f64[object + OBJECT.nightEndTai / 2] <= this.#hiddenBeforeMjdTai;
  }

  get #hiddenBeforeMjdTai(): number {
    return this.#memory.f64[CONTROL_F64.hiddenBeforeMjdTai];
  }
}
