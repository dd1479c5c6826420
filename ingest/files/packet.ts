// What the readers of alert packets share. A packet is one record: the detection that caused the alert, and
// the history that came with it.

import { DEC_RANGE, RA_RANGE } from '../../src/model/checkBatch.ts';
import { AppError } from '../../src/errors.ts';
import { wrappedRaDeg, type BatchBuilder, type DetectionRow, type Place } from './detectionBatch.ts';
import type { ReadOptions } from './readOptions.ts';
import { type RecordFields, required, ValueFields } from './recordFields.ts';
import { RowProblem } from './text.ts';

export type PacketRecord = ReadonlyMap<string, unknown>;

/** Adds the rows of one packet. A RowProblem that it throws refuses the packet as a whole. */
export type PacketReader = (packet: PacketRecord, place: string, batch: BatchBuilder, options: ReadOptions) => void;

/** Adds a row, or refuses it alone. */
export function addPart(batch: BatchBuilder, place: Place, rowOf: () => DetectionRow | null): void {
  try {
    const row = rowOf();
    if (row !== null) batch.add(row, place);
  } catch (error) {
    if (!(error instanceof RowProblem || error instanceof AppError)) throw error;
    batch.reject(place, error.message);
  }
}

export function recordIn(packet: PacketRecord, name: string): RecordFields {
  const record = packet.get(name);
  if (!(record instanceof Map)) throw new RowProblem(`${name} is missing`);
  return new ValueFields(record as PacketRecord);
}

/** The records of a list that may be missing or null. */
export function recordsIn(packet: PacketRecord, name: string): RecordFields[] {
  const list = packet.get(name);
  if (!Array.isArray(list)) return [];
  return list.filter((item) => item instanceof Map).map((item) => new ValueFields(item as PacketRecord));
}

/** In range now, since the rest of a packet hangs on this position. */
export function positionIn(fields: RecordFields, raName = 'ra', decName = 'dec'): { raDeg: number; decDeg: number } {
  const raDeg = wrappedRaDeg(required(raName, fields.number(raName)));
  const decDeg = required(decName, fields.number(decName));
  checkRange(raName, raDeg, RA_RANGE);
  checkRange(decName, decDeg, DEC_RANGE);
  return { raDeg, decDeg };
}

function checkRange(name: string, value: number, { min, max }: { min: number; max: number }): void {
  if (value >= min && value <= max) return;
  throw new RowProblem(`${name} is ${String(value)}, must be from ${String(min)} to ${String(max)}`);
}
