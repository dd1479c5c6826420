// The single writer of the shared memory: takes rows in, takes nights out. Synchronous and in small steps; the store
// (memoryStore.ts) orders the steps, logs them and lets the event loop run between them.

import { AppError } from '../../errors.ts';
import { RAD_PER_ARCSEC } from '../../sky/angle.ts';
import { chordSqOf } from '../../sky/cone.ts';
import type { DetectionColumns } from '../../model/columns.ts';
import type { RejectedRow } from '../../model/rejectedRow.ts';
import { BatchView, type StoreNames } from './batchView.ts';
import { BlockAllocator } from './blockAllocator.ts';
import { Limbo } from './epochs.ts';
import { findRow } from './lookup.ts';
import { Nights, type NightRows } from './nights.ts';
import { Objects, type Radius } from './objects.ts';
import { PageTree, timeStep } from './pageTree.ts';
import { RefTable } from './refTable.ts';
import { PLACE, RowPlace, writeFrames } from './rootFrames.ts';
import { isNightOver } from './rowFilter.ts';
import { RowReader } from './rowReader.ts';
import { RowWriter } from './rowWriter.ts';
import { ContentCheck } from './sameContent.ts';
import {
  CONTEXT_TABLE_AT,
  CONTROL,
  CONTROL_F64,
  DETECTION_ROOTS_AT,
  ID_TABLE_AT,
  SURVEY_ROWS_AT,
  type SharedMemory,
} from './sharedMemory.ts';
import { SlabAllocator } from './slabAllocator.ts';
import { hashOfInt64, hashOfText } from './texts.ts';

export interface AssociationRadius {
  readonly defaultArcsec: number;
  readonly bySurveyArcsec: Readonly<Record<string, number>>;
}

/** What became of a batch so far; rows are indices of the batch. */
export interface BatchOutcome {
  readonly accepted: number[];
  duplicates: number;
  readonly rejected: RejectedRow[];
  readonly unassociated: number[];
}

export class MemoryWriter implements StoreNames {
  readonly memory: SharedMemory;
  readonly blocks: BlockAllocator;
  readonly nights: Nights;
  readonly objects: Objects;
  readonly tree: PageTree;
  readonly ids: RefTable;
  readonly contexts: RefTable;
  readonly rows: RowReader;
  /** Retired pages and contexts; retired objects, aliases and their texts; retired blocks. */
  readonly pieces: Limbo;
  readonly named: Limbo;
  readonly freedBlocks: Limbo;
  detections = 0;
  objectCount = 0;
  readonly #slabs: SlabAllocator;
  readonly #rowWriter: RowWriter;
  readonly #content: ContentCheck;
  readonly #place: RowPlace;
  readonly #radius: AssociationRadius;
  /** By survey. */
  readonly #radii: Radius[] = [];

  constructor(memory: SharedMemory, radius: AssociationRadius) {
    this.memory = memory;
    this.#radius = radius;
    writeFrames(memory);
    this.blocks = new BlockAllocator(memory);
    this.#slabs = new SlabAllocator(memory, this.blocks);
    this.pieces = new Limbo(memory, (ref, bytes) => {
      this.#slabs.free(ref, bytes);
    });
    this.named = new Limbo(memory, (ref, bytes) => {
      // readers keep texts by ref: void before the ref can name another text
      Atomics.add(memory.u32, CONTROL.evictions, 1);
      this.#slabs.free(ref, bytes);
    });
    this.freedBlocks = new Limbo(memory, (ref, bytes) => {
      this.blocks.free(ref * 8, bytes);
    });
    this.rows = new RowReader(memory);
    this.tree = new PageTree(memory, this.#slabs, this.pieces, DETECTION_ROOTS_AT);
    this.ids = new RefTable(memory, ID_TABLE_AT, this.blocks, this.freedBlocks);
    this.contexts = new RefTable(memory, CONTEXT_TABLE_AT, this.blocks, this.freedBlocks);
    this.objects = new Objects(memory, this.blocks, this.#slabs, this.pieces, this.named, this.freedBlocks, this.rows);
    this.nights = new Nights((station) => this.rows.stations.name(station));
    this.#rowWriter = new RowWriter(memory, this.blocks, this.#slabs, this.contexts);
    this.#content = new ContentCheck(this.rows);
    this.#place = new RowPlace(memory);
  }

  view(batch: DetectionColumns): BatchView {
    return new BatchView(batch, this);
  }

  internSurvey(name: string): number {
    const index = this.rows.surveys.intern(name, this.#slabs);
    if ((this.#radii[index] as Radius | undefined) === undefined) {
      const { defaultArcsec, bySurveyArcsec } = this.#radius;
      const radiusRad = (Object.hasOwn(bySurveyArcsec, name) ? bySurveyArcsec[name] : defaultArcsec) * RAD_PER_ARCSEC;
      this.#radii[index] = { rad: radiusRad, chordSq: chordSqOf(radiusRad) };
      this.widenAssociation(radiusRad);
    }
    return index;
  }

  internStation(name: string): number {
    return this.rows.stations.intern(name, this.#slabs);
  }

  internBand(name: string): number {
    return this.rows.bands.intern(name, this.#slabs);
  }

  widenAssociation(radiusRad: number): void {
    const { f64 } = this.memory;
    if (radiusRad > f64[CONTROL_F64.maxAssociationRad]) f64[CONTROL_F64.maxAssociationRad] = radiusRad;
  }

  /** Takes rows [from, to) of a batch, each whole or not at all; readers see them one by one. */
  put(batch: BatchView, from: number, to: number, outcome: BatchOutcome): void {
    for (let row = from; row < to; row++) {
      try {
        this.#putRow(batch, row, outcome);
      } catch (error) {
        // too many names: nothing of the row was stored yet
        if (!(error instanceof AppError)) throw error;
        outcome.rejected.push({ row, code: error.code, message: error.message });
      }
    }
    this.publishCounts();
    this.reclaim();
  }

  /** Takes rows [from, to) of a batch from a snapshot, whose objects are known. False when memory is full. */
  restore(batch: BatchView, from: number, to: number, objectOf: (row: number) => number): boolean {
    const { columns } = batch;
    for (let row = from; row < to; row++) {
      if (!this.blocks.hasRoom()) return false;
      const object = objectOf(row);
      const night = this.nights.of(columns.mjdTai, row, batch.station(row));
      this.#place.locateRow(columns.raDeg, columns.decDeg, row);
      this.#add(batch, row, night, object, !this.objects.hasRows(object), batch.survey(row), this.#hashOf(batch, row));
    }
    this.publishCounts();
    return true;
  }

  /** Pieces and blocks that wait until no reader can see them. */
  get retired(): number {
    return this.pieces.length + this.named.length + this.freedBlocks.length;
  }

  /** Frees what no reader can see any more. */
  reclaim(): void {
    this.pieces.reclaim();
    this.named.reclaim();
    this.freedBlocks.reclaim();
  }

  #hashOf(batch: BatchView, row: number): number {
    const text = batch.columns.sourceIdText[row];
    return text === null ? hashOfInt64(batch.sourceId[2 * row], batch.sourceId[2 * row + 1]) : hashOfText(text);
  }

  #putRow(batch: BatchView, row: number, outcome: BatchOutcome): void {
    const { columns } = batch;
    if (!this.blocks.hasRoom()) {
      outcome.rejected.push({ row, code: 'resource_exhausted', message: this.#fullMessage() });
      return;
    }
    const survey = batch.survey(row);
    const text = columns.sourceIdText[row];
    const low = batch.sourceId[2 * row];
    const high = batch.sourceId[2 * row + 1];
    const hash = this.#hashOf(batch, row);
    const known = findRow(this.memory, this.rows, this.ids, survey, text, low, high, hash);
    if (known !== 0 && !this.#isHidden(known)) {
      const field = this.#content.differingField(known, columns, row);
      if (field === null) outcome.duplicates++;
      else {
        const message = `${columns.surveyOf(row)}:${columns.sourceIdOf(row)} is stored already with another ${field}`;
        outcome.rejected.push({ row, code: 'already_exists', message });
      }
      return;
    }
    const station = batch.station(row);
    batch.band(row);
    const night = this.nights.of(columns.mjdTai, row, station);
    const place = this.#place;
    place.locateRow(columns.raDeg, columns.decDeg, row);
    const hidden = this.hiddenBeforeMjdTai;
    let object = this.objects.nearest(batch, row, survey, place, this.#radii[survey], hidden);
    const isNew = object === 0;
    if (isNew) {
      object = this.objects.found(batch, row, survey, hash, place, hidden);
      outcome.unassociated.push(row);
    }
    this.#add(batch, row, night, object, isNew, survey, hash);
    outcome.accepted.push(row);
  }

  // the row whole, then what leads to it
  #add(batch: BatchView, row: number, night: NightRows, object: number, isNew: boolean, survey: number, hash: number): void {
    const { columns } = batch;
    const objectId = columns.objectId[row];
    const mjdTai = columns.mjdTai[row];
    const isFirstOfObject = isNew && !this.objects.hasRows(object);
    if (isFirstOfObject) this.objectCount++;
    const alias = objectId === null ? 0 : this.objects.linkAlias(objectId, object, isFirstOfObject);
    const ref = this.#rowWriter.write(batch, row, night, object, alias);
    this.objects.joined(object, night.endTai);
    this.ids.insert(hash, ref);
    const place = this.#place;
    this.tree.insert(place.root, place.at[PLACE.u], place.at[PLACE.v], timeStep(mjdTai), ref);
    night.count(columns.mjdTai, row);
    this.detections++;
    const { f64 } = this.memory;
    f64[SURVEY_ROWS_AT / 8 + survey]++;
    if (!(mjdTai >= f64[CONTROL_F64.mjdTaiFirst])) f64[CONTROL_F64.mjdTaiFirst] = mjdTai;
    if (!(mjdTai <= f64[CONTROL_F64.mjdTaiLast])) f64[CONTROL_F64.mjdTaiLast] = mjdTai;
  }

  get hiddenBeforeMjdTai(): number {
    return this.memory.f64[CONTROL_F64.hiddenBeforeMjdTai];
  }

  #isHidden(ref: number): boolean {
    const hidden = this.hiddenBeforeMjdTai;
    return hidden !== -Infinity && isNightOver(this.rows, ref, hidden);
  }

  publishCounts(): void {
    const { f64 } = this.memory;
    f64[CONTROL_F64.detections] = this.detections;
    f64[CONTROL_F64.objects] = this.objectCount;
  }

  #fullMessage(): string {
    return `memory is full: ${String(this.blocks.usedBytes)} of ${String(this.blocks.limitBytes)} bytes (memory limit) are used`;
  }
}
