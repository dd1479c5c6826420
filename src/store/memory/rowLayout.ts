// A detection in memory: a row of variable length with all its columns, 8-byte aligned, and a context that the rows of
// one exposure share. A word is 4 bytes.
//
//   word 0      bits (below)                    optional words, in this order, where their bit is set:
//   word 1      ref of its object                 mjdTai (2)  flags (2)
//   words 2-5   raDeg, decDeg (float64)         word: ref of its context
//   words 6-7   source id, int64; or             objectId's ref (1)  detector (1)  14 floats (1 each)
//               hash and length of its text       the id's text
//
// Exposure time, limiting magnitude, detector and mjdTai come from the context unless the row has its own: the first
// row of an exposure sets them, a row that differs keeps what is its own. Rows without an exposure id have their own.
// A typical ZTF alert takes 64 bytes. Rows never change; they belong to the row segments of one night (nights.ts).

export const ROW = { bits: 0, object: 1, raDeg: 2, decDeg: 4, id: 6, optional: 8 } as const;

/** Bits 0-1 are the kind. */
export const ROW_KIND = 3;
export const ROW_TEXT_ID = 1 << 2;
export const ROW_OWN_MJD = 1 << 3;
export const ROW_FLAGS = 1 << 4;
export const ROW_OBJECT_ID = 1 << 5;
export const ROW_OWN_DETECTOR = 1 << 6;
/** Bit 8 + i: column FLOAT32_COLUMNS[i] is in the row. */
export const ROW_FLOATS_SHIFT = 8;
/** Bits 22-31: length of the row in units of 8 bytes. */
export const ROW_LENGTH_SHIFT = 22;

export const ROW_EXPTIME = 1 << 8;
export const ROW_RA_ERR = 1 << 9;
export const ROW_DEC_ERR = 1 << 10;
export const ROW_DIFF_FLUX = 1 << 11;
export const ROW_DIFF_FLUX_ERR = 1 << 12;
export const ROW_SCI_FLUX = 1 << 13;
export const ROW_SCI_FLUX_ERR = 1 << 14;
export const ROW_MAG = 1 << 15;
export const ROW_MAG_ERR = 1 << 16;
export const ROW_MAG_LIMIT = 1 << 17;
export const ROW_SNR = 1 << 18;
export const ROW_RELIABILITY = 1 << 19;
export const ROW_TRAIL_LEN = 1 << 20;
export const ROW_TRAIL_PA = 1 << 21;

/** A context, 48 bytes: what the rows of one exposure (or of one survey, station and band) share. */
export const CONTEXT_BYTES = 48;
/** Words of a context. */
export const CONTEXT = {
  mjdTai: 0,
  exposureId: 2,
  /** survey | station << 16 */
  surveyStation: 4,
  band: 5,
  detector: 6,
  exptimeS: 7,
  magLimitAb: 8,
  /** Writer only: hash of what the rows share, next context of the same night, that night's serial number. */
  hash: 9,
  nextOfNight: 10,
  night: 11,
} as const;

/** An object, 48 bytes. */
export const OBJECT_BYTES = 48;
/** Words of an object: the detection that founded it, and the end of the last night that saw it. */
export const OBJECT = {
  /** survey | OBJECT_TEXT_ID | OBJECT_FAR */
  survey: 0,
  /** Ref of the object id that its last row with one came with, 0 for none. Writer only. */
  lastAlias: 1,
  raDeg: 2,
  decDeg: 4,
  mjdTai: 6,
  /** Source id of the founder: int64, or the ref of its text. */
  id: 8,
  nightEndTai: 10,
} as const;
export const OBJECT_TEXT_ID = 1 << 16;
/** A detection of it lies outside the association radius: its founder's id came again elsewhere, after an eviction. */
export const OBJECT_FAR = 1 << 17;

/** An object id that came with rows, and the objects that such rows joined. Its text follows (texts.ts). */
export const ALIAS = {
  hash: 0,
  length: 1,
  /** Rows that carry it. Writer only. */
  rows: 2,
  /** Head of a list of links. */
  objects: 3,
  text: 4,
} as const;
/** A link: object, next link. */
export const LINK_BYTES = 16;
