// Writes rows and contexts (rowLayout.ts). Only the writer uses it. A row is complete before anything points to it.

import { FLOAT32_COLUMNS, NO_DETECTOR } from '../../model/columns.ts';
import type { BatchView } from './batchView.ts';
import type { BlockAllocator } from './blockAllocator.ts';
import type { NightRows } from './nights.ts';
import type { RefTable } from './refTable.ts';
import {
  CONTEXT,
  CONTEXT_BYTES,
  ROW,
  ROW_EXPTIME,
  ROW_FLAGS,
  ROW_FLOATS_SHIFT,
  ROW_LENGTH_SHIFT,
  ROW_MAG_LIMIT,
  ROW_OBJECT_ID,
  ROW_OWN_DETECTOR,
  ROW_OWN_MJD,
  ROW_TEXT_ID,
} from './rowLayout.ts';
import type { SharedMemory } from './sharedMemory.ts';
import type { SlabAllocator } from './slabAllocator.ts';
import { hashOfInt64, hashOfText, textBytes, textLength, writeText } from './texts.ts';

const FLOATS = FLOAT32_COLUMNS.length;
/** NO_EXPOSURE as its two halves. */
const NO_EXPOSURE_LOW = 0;
const NO_EXPOSURE_HIGH = 0x8000_0000;

export class RowWriter {
  readonly #memory: SharedMemory;
  readonly #blocks: BlockAllocator;
  readonly #slabs: SlabAllocator;
  readonly #contexts: RefTable;

  constructor(memory: SharedMemory, blocks: BlockAllocator, slabs: SlabAllocator, contexts: RefTable) {
    this.#memory = memory;
    this.#contexts = contexts;
    this.#blocks = blocks;
    this.#slabs = slabs;
  }

  /** The ref of the new row. `objectId`: ref of the alias, 0 for none. */
  write(batch: BatchView, row: number, night: NightRows, object: number, objectId: number): number {
    const { columns } = batch;
    const { u32, i32, f32, f64 } = this.#memory;
    const context = this.#contextOf(batch, row, night);
    const contextWord = context * 2;
    const text = columns.sourceIdText[row];

    let bits = columns.kind[row];
    const mjdTai = columns.mjdTai[row];
    if (mjdTai !== f64[context + CONTEXT.mjdTai / 2]) bits |= ROW_OWN_MJD;
    if (batch.flags[2 * row] !== 0 || batch.flags[2 * row + 1] !== 0) bits |= ROW_FLAGS;
    if (objectId !== 0) bits |= ROW_OBJECT_ID;
    if (columns.detector[row] !== i32[contextWord + CONTEXT.detector]) bits |= ROW_OWN_DETECTOR;
    if (!Object.is(columns.exptimeS[row], f32[contextWord + CONTEXT.exptimeS])) bits |= ROW_EXPTIME;
    if (!Object.is(columns.magLimitAb[row], f32[contextWord + CONTEXT.magLimitAb])) bits |= ROW_MAG_LIMIT;
    bits = this.#presentFloats(batch, row, bits);

    const wideWords = (bits & ROW_OWN_MJD ? 2 : 0) + (bits & ROW_FLAGS ? 2 : 0);
    const floatWords = bitCount(bits >>> ROW_FLOATS_SHIFT);
    let words = ROW.optional + wideWords + 1 + (bits & ROW_OBJECT_ID ? 1 : 0) + (bits & ROW_OWN_DETECTOR ? 1 : 0) + floatWords;
    let length = 0;
    const textWord = words;
    if (text !== null) {
      bits |= ROW_TEXT_ID;
      length = textLength(text);
      words += (textBytes(length) + 3) >>> 2;
    }
    const units = (words + 1) >>> 1;

    const ref = night.allocRow(8 * units, this.#blocks) / 8;
    const start = ref * 2;
    u32[start] = bits | (units << ROW_LENGTH_SHIFT);
    u32[start + ROW.object] = object;
    f64[ref + ROW.raDeg / 2] = columns.raDeg[row];
    f64[ref + ROW.decDeg / 2] = columns.decDeg[row];
    if (text === null) {
      u32[start + ROW.id] = batch.sourceId[2 * row];
      u32[start + ROW.id + 1] = batch.sourceId[2 * row + 1];
    } else {
      u32[start + ROW.id] = hashOfText(text);
      u32[start + ROW.id + 1] = length;
      writeText(this.#memory, 4 * (start + textWord), text, length);
    }
    let at = start + ROW.optional;
    if (bits & ROW_OWN_MJD) {
      f64[at / 2] = mjdTai;
      at += 2;
    }
    if (bits & ROW_FLAGS) {
      u32[at++] = batch.flags[2 * row];
      u32[at++] = batch.flags[2 * row + 1];
    }
    u32[at++] = context;
    if (bits & ROW_OBJECT_ID) u32[at++] = objectId;
    if (bits & ROW_OWN_DETECTOR) i32[at++] = columns.detector[row];
    for (let c = 0; c < FLOATS; c++) if (bits & (1 << (ROW_FLOATS_SHIFT + c))) f32[at++] = batch.floats[c][row];
    return ref;
  }

  #presentFloats(batch: BatchView, row: number, bits: number): number {
    for (let c = 0; c < FLOATS; c++) {
      const bit = 1 << (ROW_FLOATS_SHIFT + c);
      if (bit === ROW_EXPTIME || bit === ROW_MAG_LIMIT) continue;
      const value = batch.floats[c][row];
      if (value === value) bits |= bit;
    }
    return bits;
  }

  // rows of one exposure, detector, survey, station and band; the first row of it sets the rest
  #contextOf(batch: BatchView, row: number, night: NightRows): number {
    const { u32 } = this.#memory;
    const { columns } = batch;
    const low = batch.exposureId[2 * row];
    const high = batch.exposureId[2 * row + 1];
    const hasExposure = low !== NO_EXPOSURE_LOW || high !== NO_EXPOSURE_HIGH;
    const detector = hasExposure ? columns.detector[row] : NO_DETECTOR;
    const surveyStation = (batch.survey(row) | (batch.station(row) << 16)) >>> 0;
    const band = batch.band(row);
    const last = night.lastContext;
    if (last !== 0 && this.#isContext(last * 2, night.serial, low, high, detector, surveyStation, band)) return last;
    const hash = hashOfInt64(low ^ Math.imul(detector, 0x85eb_ca6b) ^ surveyStation, high ^ (band << 16) ^ night.serial);
    let ref = this.#contexts.first(hash);
    while (ref !== 0 && !this.#isContext(ref * 2, night.serial, low, high, detector, surveyStation, band)) ref = this.#contexts.next();
    if (ref === 0) {
      ref = this.#writeContext(batch, row, hasExposure, surveyStation, band, detector);
      const word = ref * 2;
      u32[word + CONTEXT.hash] = hash;
      u32[word + CONTEXT.nextOfNight] = night.firstContext;
      u32[word + CONTEXT.night] = night.serial;
      night.firstContext = ref;
      this.#contexts.insert(hash, ref);
    }
    night.lastContext = ref;
    return ref;
  }

  #writeContext(batch: BatchView, row: number, hasExposure: boolean, surveyStation: number, band: number, detector: number): number {
    const { u32, i32, f32, f64 } = this.#memory;
    const { columns } = batch;
    const ref = this.#slabs.alloc(CONTEXT_BYTES);
    const word = ref * 2;
    f64[ref + CONTEXT.mjdTai / 2] = hasExposure ? columns.mjdTai[row] : NaN;
    u32[word + CONTEXT.exposureId] = batch.exposureId[2 * row];
    u32[word + CONTEXT.exposureId + 1] = batch.exposureId[2 * row + 1];
    u32[word + CONTEXT.surveyStation] = surveyStation;
    u32[word + CONTEXT.band] = band;
    i32[word + CONTEXT.detector] = detector;
    f32[word + CONTEXT.exptimeS] = hasExposure ? columns.exptimeS[row] : NaN;
    f32[word + CONTEXT.magLimitAb] = hasExposure ? columns.magLimitAb[row] : NaN;
    return ref;
  }

  #isContext(word: number, night: number, low: number, high: number, detector: number, surveyStation: number, band: number): boolean {
    const { u32, i32 } = this.#memory;
    return (
      u32[word + CONTEXT.exposureId] === low &&
      u32[word + CONTEXT.night] === night &&
      u32[word + CONTEXT.exposureId + 1] === high &&
      i32[word + CONTEXT.detector] === detector &&
      u32[word + CONTEXT.surveyStation] === surveyStation &&
      u32[word + CONTEXT.band] === band
    );
  }
}

function bitCount(bits: number): number {
  bits = bits & ((1 << FLOATS) - 1);
  let count = 0;
  for (; bits !== 0; bits &= bits - 1) count++;
  return count;
}
