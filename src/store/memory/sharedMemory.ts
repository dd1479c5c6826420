// One SharedArrayBuffer holds everything of the embedded store: reader threads see it without copies or locks.
// The whole capacity is reserved at once and committed by the operating system page by page, as it is first touched.
//
//   control words | root frames | roots of two page trees | directories of four tables | names | blocks ...
//
// A ref is a byte offset divided by 8 in a uint32 (so at most 32 GiB); 0 is none. Rule of publication: the single
// writer fills memory that nobody can reach yet, then makes it reachable by one Atomics.store; readers come in by
// Atomics.load. What becomes unreachable is reused only when no reader can still be looking at it (epochs.ts).

import { AppError } from '../../errors.ts';

const MAGIC = 0x4e4a_4d31;

/** Control words, by index into u32. */
export const CONTROL = {
  magic: 0,
  /** Counts the generations of retired memory; starts at 1 (epochs.ts). */
  epoch: 1,
  /** Counts evictions and freed texts and objects: caches of texts by ref are void when it changes. */
  evictions: 2,
  surveyNames: 3,
  stationNames: 4,
  bandNames: 5,
  readers: 6,
} as const;

/** Control numbers, by index into f64. */
export const CONTROL_F64 = {
  /** While an eviction runs: rows whose night ended by then are hidden already. -Infinity otherwise. */
  hiddenBeforeMjdTai: 8,
  mjdTaiFirst: 9,
  mjdTaiLast: 10,
  detections: 11,
  objects: 12,
  bytesUsed: 13,
  /** Largest association radius ever used: how far from its object a detection can lie. */
  maxAssociationRad: 14,
} as const;

export const MAX_READERS = 64;
/** Word of the first reader's epoch; readers are a cache line apart. */
export const READER_WORD = 64;
export const READER_STRIDE = 16;

/** 12 x 4^6 roots. */
export const ROOT_ORDER = 6;
export const ROOT_COUNT = 49_152;
export const MAX_NAMES = 65_536;
export const TABLE_SEGMENTS = 4096;

const CONTROL_BYTES = 16 * 1024;
const FRAME_BYTES = 32;

/** Byte offsets of the fixed parts. */
export const FRAMES_AT = CONTROL_BYTES;
export const DETECTION_ROOTS_AT = FRAMES_AT + ROOT_COUNT * FRAME_BYTES;
export const OBJECT_ROOTS_AT = DETECTION_ROOTS_AT + ROOT_COUNT * 4;
export const ID_TABLE_AT = OBJECT_ROOTS_AT + ROOT_COUNT * 4;
export const OBJECT_TABLE_AT = ID_TABLE_AT + TABLE_SEGMENTS * 4;
export const ALIAS_TABLE_AT = OBJECT_TABLE_AT + TABLE_SEGMENTS * 4;
export const CONTEXT_TABLE_AT = ALIAS_TABLE_AT + TABLE_SEGMENTS * 4;
export const SURVEY_NAMES_AT = CONTEXT_TABLE_AT + TABLE_SEGMENTS * 4;
export const STATION_NAMES_AT = SURVEY_NAMES_AT + MAX_NAMES * 4;
export const BAND_NAMES_AT = STATION_NAMES_AT + MAX_NAMES * 4;
/** Rows of each survey, float64. */
export const SURVEY_ROWS_AT = BAND_NAMES_AT + MAX_NAMES * 4;
/** Rows, pages, tables: everything that grows. */
export const BLOCKS_AT = 4 * 2 ** 20;

export const MIN_MEMORY_BYTES = 16 * 2 ** 20;
export const MAX_MEMORY_BYTES = 32 * 2 ** 30;

/** What a reader thread needs; can be posted to a worker. */
export interface SharedHandle {
  readonly buffer: SharedArrayBuffer;
}

export class SharedMemory {
  readonly buffer: SharedArrayBuffer;
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly i64: BigInt64Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.i64 = new BigInt64Array(buffer);
  }

  static reserve(limitBytes: number): SharedMemory {
    if (!(limitBytes >= MIN_MEMORY_BYTES && limitBytes <= MAX_MEMORY_BYTES)) {
      throw new AppError(
        'invalid_argument',
        `memory limit is ${String(limitBytes)} bytes, must be ${String(MIN_MEMORY_BYTES)} to ${String(MAX_MEMORY_BYTES)}`,
      );
    }
    const memory = new SharedMemory(reserved(Math.floor(limitBytes / 2 ** 20) * 2 ** 20));
    memory.u32[CONTROL.epoch] = 1;
    memory.f64[CONTROL_F64.hiddenBeforeMjdTai] = -Infinity;
    memory.f64[CONTROL_F64.mjdTaiFirst] = NaN;
    memory.f64[CONTROL_F64.mjdTaiLast] = NaN;
    Atomics.store(memory.u32, CONTROL.magic, MAGIC);
    return memory;
  }

  static open(handle: SharedHandle): SharedMemory {
    const memory = new SharedMemory(handle.buffer);
    if (Atomics.load(memory.u32, CONTROL.magic) !== MAGIC) {
      throw new AppError('invalid_argument', 'the shared buffer is not that of an embedded store of this version');
    }
    return memory;
  }
}

function reserved(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (cause) {
    throw new AppError('resource_exhausted', `this machine can't reserve ${String(bytes)} bytes, lower the memory limit`, { cause });
  }
}
