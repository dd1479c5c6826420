// A snapshot: all rows and objects as they were between two log files, so that the older files can go. Rows never
// change and nights only grow, so the ends of all nights, noted in one moment, are the whole state; it is then written
// in slices while rows keep coming in. Only an eviction would take rows away, so it stops a snapshot first.
//
//   frames: (objects | rows with the numbers of their objects)*, end with the counts

import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../errors.ts';
import { DetectionColumns } from '../../model/columns.ts';
import { sourceIdOf } from './lookup.ts';
import { decodeBatch, encodeBatch } from './batchCodec.ts';
import { ByteReader, type ByteWriter } from './bytes.ts';
import { FILE_HEADER, FRAME_KINDS, frameOf, type Frame } from './frames.ts';
import { syncDir } from './dataDir.ts';
import type { MemoryWriter } from './memoryWriter.ts';
import { OBJECT, OBJECT_FAR } from './rowLayout.ts';
import { RowPlace } from './rootFrames.ts';
import { CONTROL_F64 } from './sharedMemory.ts';
import { nextTurn } from './turns.ts';

const ROWS_PER_FRAME = 1000;

/** What the store holds at one moment. */
export interface Moment {
  readonly segments: readonly { readonly at: number; readonly used: number }[];
  readonly maxAssociationRad: number;
}

export function momentOf(writer: MemoryWriter): Moment {
  const segments = [];
  for (const night of writer.nights.all()) for (const { at, used } of night.segments) segments.push({ at, used });
  return { segments, maxAssociationRad: writer.memory.f64[CONTROL_F64.maxAssociationRad] };
}

/** Writes the snapshot under its final name, or nothing when `signal` stops it. Returns its bytes, 0 when stopped. */
export async function writeSnapshot(dir: string, name: string, writer: MemoryWriter, moment: Moment, signal: AbortSignal): Promise<number> {
  const path = join(dir, name);
  const file = await open(`${path}.tmp`, 'w');
  let bytes = 0;
  try {
    bytes = await new SnapshotWriter(file, writer).write(moment, signal);
    if (bytes > 0) await file.datasync();
  } finally {
    await file.close();
    if (bytes === 0) await rm(`${path}.tmp`, { force: true });
  }
  if (bytes === 0 || signal.aborted) return 0;
  await rename(`${path}.tmp`, path);
  await syncDir(dir);
  return bytes;
}

class SnapshotWriter {
  readonly #file: FileHandle;
  readonly #writer: MemoryWriter;
  #bytes = 0;
  /** Numbers of the objects written, by ref. */
  readonly #objects = new Map<number, number>();
  readonly #newObjects: number[] = [];
  readonly #columns = new DetectionColumns(ROWS_PER_FRAME);
  readonly #numbers = new Uint32Array(ROWS_PER_FRAME);

  constructor(file: FileHandle, writer: MemoryWriter) {
    this.#file = file;
    this.#writer = writer;
  }

  async write(moment: Moment, signal: AbortSignal): Promise<number> {
    let rows = 0;
    await this.#put(FILE_HEADER);
    for (const { at: start, used } of moment.segments) {
      for (let at = start; at < start + used; rows++) {
        if (signal.aborted) return 0;
        const ref = at / 8;
        this.#add(ref);
        at += this.#writer.rows.bytes(ref);
        if (this.#columns.length === ROWS_PER_FRAME) await this.#flush();
      }
    }
    await this.#flush();
    await this.#put(
      frameOf(FRAME_KINDS.end, 24, (out) => {
        out.f64(rows);
        out.f64(this.#objects.size);
        out.f64(moment.maxAssociationRad);
      }),
    );
    return signal.aborted ? 0 : this.#bytes;
  }

  #add(ref: number): void {
    const { rows } = this.#writer;
    const columns = this.#columns;
    if (columns.length === 0) rows.prepare(columns);
    const object = rows.object(ref);
    let number = this.#objects.get(object);
    if (number === undefined) {
      number = this.#objects.size;
      this.#objects.set(object, number);
      this.#newObjects.push(object);
    }
    this.#numbers[columns.length] = number;
    rows.append(ref, columns);
    if (rows.alias(ref) === 0) columns.objectId[columns.length - 1] = null;
  }

  async #flush(): Promise<void> {
    if (this.#newObjects.length > 0) {
      await this.#put(
        frameOf(FRAME_KINDS.objects, 64 * this.#newObjects.length, (out) => {
          this.#encodeObjects(out);
        }),
      );
      this.#newObjects.length = 0;
    }
    const columns = this.#columns;
    if (columns.length === 0) return;
    await this.#put(
      frameOf(FRAME_KINDS.ownedRows, 128 * columns.length, (out) => {
        encodeBatch(out, columns);
        out.array(this.#numbers, columns.length);
      }),
    );
    columns.length = 0;
    await nextTurn();
  }

  #encodeObjects(out: ByteWriter): void {
    const { rows, memory } = this.#writer;
    const { u32, f64 } = memory;
    out.u32(this.#newObjects.length);
    for (const object of this.#newObjects) {
      const head = u32[object * 2 + OBJECT.survey];
      const survey = rows.surveys.name(head & 0xffff);
      out.text(survey);
      out.text(rows.objectIdText(object).slice(survey.length + 1));
      out.u8(head & OBJECT_FAR ? 1 : 0);
      out.f64(f64[object + OBJECT.raDeg / 2]);
      out.f64(f64[object + OBJECT.decDeg / 2]);
      out.f64(f64[object + OBJECT.mjdTai / 2]);
    }
  }

  async #put(bytes: Buffer): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, this.#bytes + written);
      written += bytesWritten;
    }
    this.#bytes += bytes.length;
  }
}

/** Takes the frames of a snapshot into an empty store. */
export class SnapshotReader {
  rows = 0;
  isComplete = false;
  readonly #writer: MemoryWriter;
  readonly #objects: number[] = [];
  readonly #place: RowPlace;

  constructor(writer: MemoryWriter) {
    this.#writer = writer;
    this.#place = new RowPlace(writer.memory);
  }

  take(frame: Frame): void {
    const from = new ByteReader(frame.payload);
    if (frame.kind === FRAME_KINDS.objects) this.#takeObjects(from);
    else if (frame.kind === FRAME_KINDS.ownedRows) this.#takeRows(from);
    else if (frame.kind === FRAME_KINDS.end) {
      this.isComplete = from.f64() === this.rows && from.f64() === this.#objects.length;
      this.#writer.widenAssociation(from.f64());
    }
  }

  #takeObjects(from: ByteReader): void {
    const { u32 } = this.#writer.memory;
    for (let left = from.u32(); left > 0; left--) {
      if (!this.#writer.blocks.hasRoom()) throw memoryTooSmall(this.#writer);
      const survey = this.#writer.internSurvey(from.text());
      const { text, low, high, hash } = sourceIdOf(from.text());
      const isFar = from.u8() === 1;
      const raDeg = from.f64();
      const decDeg = from.f64();
      this.#place.locateRow(Float64Array.of(raDeg), Float64Array.of(decDeg), 0);
      const object = this.#writer.objects.add(survey, raDeg, decDeg, from.f64(), text, low, high, hash, this.#place);
      if (isFar) u32[object * 2 + OBJECT.survey] |= OBJECT_FAR;
      this.#objects.push(object);
    }
  }

  #takeRows(from: ByteReader): void {
    const columns = decodeBatch(from);
    const numbers = new Uint32Array(columns.length);
    from.array(numbers, columns.length);
    const view = this.#writer.view(columns);
    if (!this.#writer.restore(view, 0, columns.length, (row) => this.#objects[numbers[row]])) throw memoryTooSmall(this.#writer);
    this.rows += columns.length;
  }
}

export function memoryTooSmall(writer: MemoryWriter): AppError {
  return new AppError(
    'resource_exhausted',
    `what the data directory holds needs more than the memory limit of ${String(writer.blocks.limitBytes)} bytes`,
  );
}
