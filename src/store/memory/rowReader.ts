// Reads rows (rowLayout.ts) back into columns, in any thread. Texts are kept for a while by ref: neighbouring rows of an
// answer mostly share their object.

import type { DetectionColumns } from '../../model/columns.ts';
import type { Dictionary } from '../../model/dictionary.ts';
import {
  ALIAS,
  CONTEXT,
  OBJECT,
  OBJECT_TEXT_ID,
  ROW,
  ROW_DEC_ERR,
  ROW_DIFF_FLUX,
  ROW_DIFF_FLUX_ERR,
  ROW_EXPTIME,
  ROW_FLAGS,
  ROW_KIND,
  ROW_LENGTH_SHIFT,
  ROW_MAG,
  ROW_MAG_ERR,
  ROW_MAG_LIMIT,
  ROW_OBJECT_ID,
  ROW_OWN_DETECTOR,
  ROW_OWN_MJD,
  ROW_RA_ERR,
  ROW_RELIABILITY,
  ROW_SCI_FLUX,
  ROW_SCI_FLUX_ERR,
  ROW_SNR,
  ROW_TEXT_ID,
  ROW_TRAIL_LEN,
  ROW_TRAIL_PA,
} from './rowLayout.ts';
import { BAND_NAMES_AT, CONTROL, STATION_NAMES_AT, SURVEY_NAMES_AT, type SharedMemory } from './sharedMemory.ts';
import { SharedNames } from './sharedNames.ts';
import { readText } from './texts.ts';

const CACHED_TEXTS = 1024;

export class RowReader {
  readonly surveys: SharedNames;
  readonly stations: SharedNames;
  readonly bands: SharedNames;
  readonly #memory: SharedMemory;
  readonly #textRefs = new Uint32Array(CACHED_TEXTS);
  readonly #texts: string[] = new Array<string>(CACHED_TEXTS).fill('');
  #textsOfEviction = 0;
  // the caller's columns of last time as words, so that a 64-bit id needs no bigint
  #sourceIds: BigInt64Array | null = null;
  #sourceIdWords: Uint32Array = new Uint32Array(0);
  #exposureIdWords: Uint32Array = new Uint32Array(0);
  #flagWords: Uint32Array = new Uint32Array(0);
  readonly #surveyMap = new IndexMap();
  readonly #stationMap = new IndexMap();
  readonly #bandMap = new IndexMap();

  constructor(memory: SharedMemory) {
    this.#memory = memory;
    this.surveys = new SharedNames(memory, CONTROL.surveyNames, SURVEY_NAMES_AT, 'surveys');
    this.stations = new SharedNames(memory, CONTROL.stationNames, STATION_NAMES_AT, 'stations');
    this.bands = new SharedNames(memory, CONTROL.bandNames, BAND_NAMES_AT, 'bands');
  }

  mjdTai(ref: number): number {
    const { u32, f64 } = this.#memory;
    return u32[ref * 2] & ROW_OWN_MJD ? f64[ref + ROW.optional / 2] : f64[this.context(ref) + CONTEXT.mjdTai / 2];
  }

  raDeg(ref: number): number {
    return this.#memory.f64[ref + ROW.raDeg / 2];
  }

  decDeg(ref: number): number {
    return this.#memory.f64[ref + ROW.decDeg / 2];
  }

  kind(ref: number): number {
    return this.#memory.u32[ref * 2] & ROW_KIND;
  }

  object(ref: number): number {
    return this.#memory.u32[ref * 2 + ROW.object];
  }

  /** Ref of the object id it came with, 0 for none. */
  alias(ref: number): number {
    const { u32 } = this.#memory;
    const bits = u32[ref * 2];
    return bits & ROW_OBJECT_ID ? u32[contextWordOf(ref, bits) + 1] : 0;
  }

  context(ref: number): number {
    const { u32 } = this.#memory;
    return u32[contextWordOf(ref, u32[ref * 2])];
  }

  survey(ref: number): number {
    return this.#memory.u32[this.context(ref) * 2 + CONTEXT.surveyStation] & 0xffff;
  }

  station(ref: number): number {
    return this.#memory.u32[this.context(ref) * 2 + CONTEXT.surveyStation] >>> 16;
  }

  band(ref: number): number {
    return this.#memory.u32[this.context(ref) * 2 + CONTEXT.band];
  }

  /** One of the 14 float columns that never come from the context, by its bit; NaN for null. */
  float(ref: number, bit: number): number {
    const { u32, f32 } = this.#memory;
    const bits = u32[ref * 2];
    if ((bits & bit) === 0) return NaN;
    let at = contextWordOf(ref, bits) + 1 + (bits & ROW_OBJECT_ID ? 1 : 0) + (bits & ROW_OWN_DETECTOR ? 1 : 0);
    for (let before = bits & (bit - 1) & ~(ROW_EXPTIME - 1); before !== 0; before &= before - 1) at++;
    return f32[at];
  }

  bytes(ref: number): number {
    return 8 * (this.#memory.u32[ref * 2] >>> ROW_LENGTH_SHIFT);
  }

  sourceIdText(ref: number): string | null {
    const { u32 } = this.#memory;
    if ((u32[ref * 2] & ROW_TEXT_ID) === 0) return null;
    return readText(this.#memory, this.#textAt(ref), u32[ref * 2 + ROW.id + 1]);
  }

  sourceId(ref: number): string {
    return this.sourceIdText(ref) ?? this.#memory.i64[ref + ROW.id / 2].toString();
  }

  #textAt(ref: number): number {
    const { u32 } = this.#memory;
    const bits = u32[ref * 2];
    let words = contextWordOf(ref, bits) + 1 + (bits & ROW_OBJECT_ID ? 1 : 0) + (bits & ROW_OWN_DETECTOR ? 1 : 0);
    for (let floats = bits & FLOAT_BITS; floats !== 0; floats &= floats - 1) words++;
    return 4 * words;
  }

  /** Row order (model/order.ts) of two rows whose mjdTai are equal. */
  compareIds(a: number, b: number): number {
    if (a === b) return 0;
    const { i64, u32 } = this.#memory;
    const surveyA = this.survey(a);
    const surveyB = this.survey(b);
    if (surveyA !== surveyB) return this.surveys.name(surveyA) < this.surveys.name(surveyB) ? -1 : 1;
    const isTextA = (u32[a * 2] & ROW_TEXT_ID) !== 0;
    const isTextB = (u32[b * 2] & ROW_TEXT_ID) !== 0;
    if (!isTextA && !isTextB) {
      const idA = i64[a + ROW.id / 2];
      const idB = i64[b + ROW.id / 2];
      return idA < idB ? -1 : idA > idB ? 1 : 0;
    }
    if (!isTextA) return -1;
    if (!isTextB) return 1;
    const textA = this.sourceIdText(a) ?? '';
    const textB = this.sourceIdText(b) ?? '';
    return textA < textB ? -1 : textA > textB ? 1 : 0;
  }

  objectIdText(object: number): string {
    const { u32, i64 } = this.#memory;
    const head = u32[object * 2 + OBJECT.survey];
    const survey = this.surveys.name(head & 0xffff);
    if (head & OBJECT_TEXT_ID) {
      const text = u32[object * 2 + OBJECT.id];
      return `${survey}:${readText(this.#memory, text * 8 + 4, u32[text * 2])}`;
    }
    return `${survey}:${i64[object + OBJECT.id / 2].toString()}`;
  }

  aliasText(alias: number): string {
    return readText(this.#memory, alias * 8 + 4 * ALIAS.text, this.#memory.u32[alias * 2 + ALIAS.length]);
  }

  /** Appends a row to `out`, which was prepared. sepArcsec is NaN. */
  append(ref: number, out: DetectionColumns): void {
    if (out.length === out.capacity) out.reserve(out.length + 1);
    if (out.sourceId !== this.#sourceIds) this.prepare(out);
    const { u32, i32, f32, f64 } = this.#memory;
    const i = out.length++;
    const start = ref * 2;
    const bits = u32[start];
    let at = start + ROW.optional;

    out.kind[i] = bits & ROW_KIND;
    out.raDeg[i] = f64[ref + ROW.raDeg / 2];
    out.decDeg[i] = f64[ref + ROW.decDeg / 2];
    out.sepArcsec[i] = NaN;
    if (bits & ROW_OWN_MJD) {
      out.mjdTai[i] = f64[at / 2];
      at += 2;
    }
    if (bits & ROW_FLAGS) {
      this.#flagWords[2 * i] = u32[at++];
      this.#flagWords[2 * i + 1] = u32[at++];
    } else {
      this.#flagWords[2 * i] = 0;
      this.#flagWords[2 * i + 1] = 0;
    }
    const context = u32[at++] * 2;
    if ((bits & ROW_OWN_MJD) === 0) out.mjdTai[i] = f64[(context + CONTEXT.mjdTai) / 2];
    this.#exposureIdWords[2 * i] = u32[context + CONTEXT.exposureId];
    this.#exposureIdWords[2 * i + 1] = u32[context + CONTEXT.exposureId + 1];
    const surveyStation = u32[context + CONTEXT.surveyStation];
    out.survey[i] = this.#surveyMap.index(surveyStation & 0xffff, this.surveys);
    out.station[i] = this.#stationMap.index(surveyStation >>> 16, this.stations);
    out.band[i] = this.#bandMap.index(u32[context + CONTEXT.band], this.bands);
    out.objectId[i] = bits & ROW_OBJECT_ID ? this.#cachedText(u32[at++], true) : this.#cachedText(u32[start + ROW.object], false);
    out.detector[i] = bits & ROW_OWN_DETECTOR ? i32[at++] : i32[context + CONTEXT.detector];

    out.exptimeS[i] = bits & ROW_EXPTIME ? f32[at++] : f32[context + CONTEXT.exptimeS];
    out.raErrArcsec[i] = bits & ROW_RA_ERR ? f32[at++] : NaN;
    out.decErrArcsec[i] = bits & ROW_DEC_ERR ? f32[at++] : NaN;
    out.diffFluxNjy[i] = bits & ROW_DIFF_FLUX ? f32[at++] : NaN;
    out.diffFluxErrNjy[i] = bits & ROW_DIFF_FLUX_ERR ? f32[at++] : NaN;
    out.sciFluxNjy[i] = bits & ROW_SCI_FLUX ? f32[at++] : NaN;
    out.sciFluxErrNjy[i] = bits & ROW_SCI_FLUX_ERR ? f32[at++] : NaN;
    out.magAb[i] = bits & ROW_MAG ? f32[at++] : NaN;
    out.magErr[i] = bits & ROW_MAG_ERR ? f32[at++] : NaN;
    out.magLimitAb[i] = bits & ROW_MAG_LIMIT ? f32[at++] : f32[context + CONTEXT.magLimitAb];
    out.snr[i] = bits & ROW_SNR ? f32[at++] : NaN;
    out.reliability[i] = bits & ROW_RELIABILITY ? f32[at++] : NaN;
    out.trailLenArcsec[i] = bits & ROW_TRAIL_LEN ? f32[at++] : NaN;
    out.trailPaDeg[i] = bits & ROW_TRAIL_PA ? f32[at++] : NaN;

    if (bits & ROW_TEXT_ID) {
      this.#sourceIdWords[2 * i] = 0;
      this.#sourceIdWords[2 * i + 1] = 0;
      out.sourceIdText[i] = readText(this.#memory, 4 * at, u32[start + ROW.id + 1]);
    } else {
      this.#sourceIdWords[2 * i] = u32[start + ROW.id];
      this.#sourceIdWords[2 * i + 1] = u32[start + ROW.id + 1];
      out.sourceIdText[i] = null;
    }
  }

  /** To be called before rows are appended to these columns. */
  prepare(out: DetectionColumns): void {
    this.#surveyMap.turnTo(out.surveys);
    this.#stationMap.turnTo(out.stations);
    this.#bandMap.turnTo(out.bands);
    if (out.sourceId === this.#sourceIds) return;
    this.#sourceIds = out.sourceId;
    this.#sourceIdWords = new Uint32Array(out.sourceId.buffer, out.sourceId.byteOffset, 2 * out.sourceId.length);
    this.#exposureIdWords = new Uint32Array(out.exposureId.buffer, out.exposureId.byteOffset, 2 * out.exposureId.length);
    this.#flagWords = new Uint32Array(out.flags.buffer, out.flags.byteOffset, 2 * out.flags.length);
  }

  #cachedText(ref: number, isAlias: boolean): string {
    const evictions = Atomics.load(this.#memory.u32, CONTROL.evictions);
    if (evictions !== this.#textsOfEviction) {
      // refs may name other texts now
      this.#textRefs.fill(0);
      this.#textsOfEviction = evictions;
    }
    const place = Math.imul(ref, 0x9e37_79b1) >>> 22;
    if (this.#textRefs[place] === ref) return this.#texts[place];
    const text = isAlias ? this.aliasText(ref) : this.objectIdText(ref);
    this.#textRefs[place] = ref;
    this.#texts[place] = text;
    return text;
  }
}

/** The store's index of a name to the index in the caller's dictionary. */
class IndexMap {
  #to: Dictionary | null = null;
  readonly #map: number[] = [];

  turnTo(dictionary: Dictionary): void {
    if (dictionary === this.#to) return;
    this.#to = dictionary;
    this.#map.length = 0;
  }

  index(of: number, names: SharedNames): number {
    const known = this.#map[of] as number | undefined;
    if (known !== undefined) return known;
    const index = this.#to?.intern(names.name(of)) ?? 0;
    this.#map[of] = index;
    return index;
  }
}

const FLOAT_BITS = 0x3f_ff00;

function contextWordOf(ref: number, bits: number): number {
  return ref * 2 + ROW.optional + (bits & ROW_OWN_MJD ? 2 : 0) + (bits & ROW_FLAGS ? 2 : 0);
}
