// Finding rows, objects and aliases by what they are called: three RefTables and the comparison with the record.

import { int64OfText } from '../../model/ids.ts';
import { ALIAS, OBJECT, OBJECT_TEXT_ID, ROW, ROW_TEXT_ID } from './rowLayout.ts';
import type { RefTableReader } from './refTable.ts';
import type { RowReader } from './rowReader.ts';
import type { SharedMemory } from './sharedMemory.ts';
import { hashOfInt64, hashOfText, isText } from './texts.ts';

/** A source id in the form that rows keep: two halves of an int64, or a text. */
export interface SourceId {
  readonly text: string | null;
  readonly low: number;
  readonly high: number;
  readonly hash: number;
}

export function sourceIdOf(id: string): SourceId {
  const value = int64OfText(id);
  if (value === null) return { text: id, low: 0, high: 0, hash: hashOfText(id) };
  const low = Number(value & 0xffff_ffffn);
  const high = Number((value >> 32n) & 0xffff_ffffn);
  return { text: null, low, high, hash: hashOfInt64(low, high) };
}

/** The row with this key, 0 for none. `low`, `high` count where text is null. */
export function findRow(
  memory: SharedMemory,
  rows: RowReader,
  table: RefTableReader,
  survey: number,
  text: string | null,
  low: number,
  high: number,
  hash: number,
): number {
  const { u32 } = memory;
  for (let ref = table.first(hash); ref !== 0; ref = table.next()) {
    const word = ref * 2;
    if (text === null) {
      if ((u32[word] & ROW_TEXT_ID) !== 0 || u32[word + ROW.id] !== low || u32[word + ROW.id + 1] !== high) continue;
    } else if ((u32[word] & ROW_TEXT_ID) === 0 || u32[word + ROW.id] !== hash || rows.sourceIdText(ref) !== text) continue;
    if (rows.survey(ref) === survey) return ref;
  }
  return 0;
}

/** The object founded by this detection, 0 for none. */
export function findObject(
  memory: SharedMemory,
  table: RefTableReader,
  survey: number,
  text: string | null,
  low: number,
  high: number,
  hash: number,
): number {
  const { u32 } = memory;
  for (let ref = table.first(hash); ref !== 0; ref = table.next()) {
    const head = u32[ref * 2 + OBJECT.survey];
    if ((head & 0xffff) !== survey) continue;
    const id = u32[ref * 2 + OBJECT.id];
    if ((head & OBJECT_TEXT_ID) === 0) {
      if (text === null && id === low && u32[ref * 2 + OBJECT.id + 1] === high) return ref;
    } else if (text !== null && isText(memory, id * 8 + 4, u32[id * 2], text)) return ref;
  }
  return 0;
}

export function findAlias(memory: SharedMemory, table: RefTableReader, text: string, hash: number): number {
  const { u32 } = memory;
  for (let ref = table.first(hash); ref !== 0; ref = table.next()) {
    if (u32[ref * 2 + ALIAS.hash] === hash && isText(memory, ref * 8 + 4 * ALIAS.text, u32[ref * 2 + ALIAS.length], text)) return ref;
  }
  return 0;
}

/** Hash of a row's source id. */
export function hashOfRow(memory: SharedMemory, ref: number): number {
  const { u32 } = memory;
  const word = ref * 2;
  return (u32[word] & ROW_TEXT_ID) !== 0 ? u32[word + ROW.id] : hashOfInt64(u32[word + ROW.id], u32[word + ROW.id + 1]);
}
