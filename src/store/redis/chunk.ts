// Rows on their way into Redis: up to CHUNK_ROWS rows of one or more waiting batches, packed, with all that is
// computed once for a row: its pixel, shard, night, direction and id bytes.
//
// Id bytes: u16 survey (top bit: text id), then i64 or UTF-8, big-endian. The field of the id index and,
// behind the pixel number, the member of the GEO sets: 12 bytes, which fill a 16-byte allocation.

import type { DetectionColumns } from '../../model/columns.ts';
import { nightAtLongitude } from '../../model/night.ts';
import { ipixOf } from '../../sky/healpix/nested.ts';
import { unitVectorInto } from '../../sky/vector.ts';
import type { RejectedRow } from '../store.ts';
import { ByteSink, packContent, type NameNumbers, type ObjectRef } from '../packedRow.ts';
import { bucketOfId, type Layout } from './layout.ts';
import type { FoundedObject } from './objectLog.ts';

export const CHUNK_ROWS = 1000;
/** u32 pixel, u24 night. */
export const PLACE_BYTES = 7;

export const PENDING = 0;
export const DONE = 1;

/** One call of put(), until its rows are written. */
export interface PutJob {
  readonly columns: DetectionColumns;
  readonly names: NameNumbers;
  readonly floats: readonly Float32Array[];
  /** East longitude of each station of the batch, deg. */
  readonly longitudes: Float64Array;
  /** Association radius of each survey of the batch, rad. */
  readonly radii: Float64Array;
  nextRow: number;
  rowsLeft: number;
  accepted: number;
  duplicates: number;
  rejected: RejectedRow[];
  unassociated: number[];
  isFailed: boolean;
  resolve(): void;
  reject(error: unknown): void;
}

export class Chunk {
  readonly rows: number;
  readonly content = new ByteSink(CHUNK_ROWS * 160);
  readonly contentAt: Uint32Array;
  readonly ids = new ByteSink(CHUNK_ROWS * 24);
  /** rows + 1 offsets into ids. */
  readonly idAt: Uint32Array;
  readonly bucket: Uint32Array;
  readonly pixel: Uint32Array;
  readonly shard: Uint16Array;
  readonly night: Int32Array;
  readonly xyz: Float64Array;
  readonly state: Uint8Array;
  /** What the id index held before, null where this chunk claimed the id. */
  readonly known: (Buffer | null)[];
  /** The shard refused the row, or its claim was in doubt: look again at both. */
  readonly inDoubt: Uint8Array;
  /** When a row was first found claimed for another place that has no row; 0: never. */
  readonly waitsSinceMs: Float64Array;
  /** The object a row joins, null where it founds one. */
  readonly object: (FoundedObject | null)[];
  /** An object of another shard that a row waits for to be written; rows after it in the batch don't change its choice. */
  readonly promised: (ObjectRef | null)[];
  readonly job: PutJob[];
  readonly jobRow: Uint32Array;

  /** Takes up to CHUNK_ROWS rows from the front of the queue; a job leaves the queue with its last row. */
  constructor(queue: PutJob[], layout: Layout) {
    const rows: [PutJob, number][] = [];
    while (queue.length > 0 && rows.length < CHUNK_ROWS) {
      const job = queue[0];
      while (!job.isFailed && job.nextRow < job.columns.length && rows.length < CHUNK_ROWS) rows.push([job, job.nextRow++]);
      if (job.isFailed || job.nextRow === job.columns.length) queue.shift();
    }
    const n = rows.length;
    this.rows = n;
    this.contentAt = new Uint32Array(n + 1);
    this.idAt = new Uint32Array(n + 1);
    this.bucket = new Uint32Array(n);
    this.pixel = new Uint32Array(n);
    this.shard = new Uint16Array(n);
    this.night = new Int32Array(n);
    this.xyz = new Float64Array(3 * n);
    this.state = new Uint8Array(n);
    this.inDoubt = new Uint8Array(n);
    this.waitsSinceMs = new Float64Array(n);
    this.known = new Array<Buffer | null>(n).fill(null);
    this.object = new Array<FoundedObject | null>(n).fill(null);
    this.promised = new Array<ObjectRef | null>(n).fill(null);
    this.job = rows.map(([job]) => job);
    this.jobRow = Uint32Array.from(rows, ([, row]) => row);
    for (let i = 0; i < n; i++) this.#fill(i, layout);
  }

  mjdTai(i: number): number {
    return this.job[i].columns.mjdTai[this.jobRow[i]];
  }

  raDeg(i: number): number {
    return this.job[i].columns.raDeg[this.jobRow[i]];
  }

  decDeg(i: number): number {
    return this.job[i].columns.decDeg[this.jobRow[i]];
  }

  alias(i: number): string | null {
    return this.job[i].columns.objectId[this.jobRow[i]];
  }

  /** What an object founded by the row is called. */
  ownRef(i: number): ObjectRef {
    const { columns, names } = this.job[i];
    const row = this.jobRow[i];
    const idText = columns.sourceIdText[row];
    return { survey: names.surveys[columns.survey[row]], id: idText === null ? columns.sourceId[row] : 0n, idText };
  }

  /** The object that a row founds. */
  founded(i: number): FoundedObject {
    return { ...this.ownRef(i), raDeg: this.raDeg(i), decDeg: this.decDeg(i), mjdTai: this.mjdTai(i) };
  }

  radiusRad(i: number): number {
    const { columns, radii } = this.job[i];
    return radii[columns.survey[this.jobRow[i]]];
  }

  idKey(i: number): Buffer {
    return this.ids.bytes.subarray(this.idAt[i], this.idAt[i + 1]);
  }

  writePlace(i: number, to: Buffer, at: number): void {
    to.writeUInt32BE(this.pixel[i], at);
    to.writeUIntBE(this.night[i], at + 4, 3);
  }

  isAtPlace(i: number, place: Buffer): boolean {
    return place.readUInt32BE(0) === this.pixel[i] && place.readUIntBE(4, 3) === this.night[i];
  }

  /** Member of the row in its night's GEO set. */
  member(i: number, blocksPerShard: number): Buffer {
    const member = Buffer.alloc(2 + this.idAt[i + 1] - this.idAt[i]);
    member.writeUInt16BE(this.pixel[i] - this.shard[i] * blocksPerShard);
    this.idKey(i).copy(member, 2);
    return member;
  }

  accept(i: number, isUnassociated: boolean): void {
    const job = this.job[i];
    job.accepted++;
    if (isUnassociated) job.unassociated.push(this.jobRow[i]);
    this.#finish(i);
  }

  duplicate(i: number): void {
    this.job[i].duplicates++;
    this.#finish(i);
  }

  reject(i: number, code: RejectedRow['code'], message: string): void {
    this.job[i].rejected.push({ row: this.jobRow[i], code, message });
    this.#finish(i);
  }

  /** The outcome of what is pending is not known: its jobs end with this error. */
  fail(error: unknown): void {
    for (let i = 0; i < this.rows; i++) {
      const job = this.job[i];
      if (this.state[i] !== PENDING || job.isFailed) continue;
      job.isFailed = true;
      job.reject(error);
    }
  }

  #finish(i: number): void {
    this.state[i] = DONE;
    const job = this.job[i];
    if (--job.rowsLeft === 0 && !job.isFailed) job.resolve();
  }

  #fill(i: number, layout: Layout): void {
    const job = this.job[i];
    const row = this.jobRow[i];
    const { columns, names } = job;
    this.contentAt[i] = packContent(this.content, columns, row, names, job.floats);
    this.contentAt[i + 1] = this.content.length;
    const raDeg = columns.raDeg[row];
    const decDeg = columns.decDeg[row];
    const pixel = ipixOf(layout.blockOrder, raDeg, decDeg);
    this.pixel[i] = pixel;
    this.shard[i] = Math.floor(pixel / layout.blocksPerShard);
    this.night[i] = nightAtLongitude(columns.mjdTai[row], job.longitudes[columns.station[row]]);
    unitVectorInto(raDeg, decDeg, this.xyz, 3 * i);
    writeIdKey(this.ids, names.surveys[columns.survey[row]], columns.sourceId[row], columns.sourceIdText[row]);
    this.idAt[i + 1] = this.ids.length;
    this.bucket[i] = bucketOfId(layout, this.ids.bytes, this.idAt[i], this.idAt[i + 1]);
  }
}

export function writeIdKey(sink: ByteSink, survey: number, id: bigint, idText: string | null): void {
  sink.reserve(10 + 3 * (idText?.length ?? 0));
  const { view, bytes } = sink;
  if (idText === null) {
    view.setUint16(sink.length, survey);
    view.setBigInt64(sink.length + 2, id);
    sink.length += 10;
  } else {
    view.setUint16(sink.length, survey | 0x8000);
    sink.length += 2 + bytes.write(idText, sink.length + 2);
  }
}

export function idKeyOf(ref: ObjectRef): Buffer {
  const sink = new ByteSink(16);
  writeIdKey(sink, ref.survey, ref.id, ref.idText);
  return sink.copyOut();
}

/** Reads what writeIdKey wrote. */
export function refOfIdKey(key: Buffer, start = 0, end = key.length): ObjectRef {
  const survey = key.readUInt16BE(start);
  if ((survey & 0x8000) === 0) return { survey, id: key.readBigInt64BE(start + 2), idText: null };
  return { survey: survey & 0x7fff, id: 0n, idText: key.toString('utf8', start + 2, end) };
}
