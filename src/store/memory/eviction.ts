// Forgetting nights. First one number hides them from every reader, then both trees are swept, then the rows of the
// nights are walked to take out their ids, aliases and objects, then everything is freed: all in slices, while queries
// and rows of other nights go on. An object goes when the last night that saw it goes.

import type { MemoryWriter } from './memoryWriter.ts';
import type { NightRows } from './nights.ts';
import { CONTEXT, CONTEXT_BYTES } from './rowLayout.ts';
import { hashOfRow } from './lookup.ts';
import { isNightOver } from './rowFilter.ts';
import { CONTROL, CONTROL_F64, ROOT_COUNT, SURVEY_ROWS_AT } from './sharedMemory.ts';
import { T_STEPS_PER_DAY, type PageTree } from './pageTree.ts';
import { nextTurn } from './turns.ts';

/** Entries swept, rows walked in a turn: well below a millisecond each. */
const ENTRIES_PER_TURN = 8000;
const ROWS_PER_TURN = 1000;
/** A night lasts a day. */
const SURELY_OVER_STEPS = 1.001 * T_STEPS_PER_DAY;

/** Hides the nights that ended by then. From here on no row of such a night may come in until sweepOut is done. */
export function hideNights(writer: MemoryWriter, mjdTai: number): NightRows[] {
  const nights = writer.nights.endedBy(mjdTai);
  if (nights.length === 0) return nights;
  writer.memory.f64[CONTROL_F64.hiddenBeforeMjdTai] = mjdTai;
  for (const night of nights) {
    writer.nights.remove(night);
    writer.detections -= night.rows;
  }
  writer.publishCounts();
  publishTimes(writer);
  return nights;
}

/** Takes hidden nights out of everything and frees their memory. */
export async function sweepOut(writer: MemoryWriter, nights: readonly NightRows[], mjdTai: number): Promise<void> {
  const { memory, objects } = writer;
  writer.blocks.isSweeping = true;
  try {
    const surelyOver = mjdTai * T_STEPS_PER_DAY - SURELY_OVER_STEPS;
    const notOver = mjdTai * T_STEPS_PER_DAY;
    await sweepTree(writer, writer.tree, (ref, t) => t < surelyOver || (t < notOver && isNightOver(writer.rows, ref, mjdTai)));
    await sweepTree(writer, objects.tree, (ref) => objects.isGone(ref, mjdTai));
    const gone = new Set<number>();
    for (const night of nights) await walkNight(writer, night, mjdTai, gone);
    let removed = 0;
    for (const object of gone) {
      objects.remove(object);
      if (++removed % ROWS_PER_TURN === 0) await nextTurn();
    }
    writer.objectCount -= gone.size;
    writer.publishCounts();
    // from here on aliases may name objects without rows that carry them
    Atomics.add(memory.u32, CONTROL.evictions, 1);
    for (const night of nights) retireNight(writer, night);
  } finally {
    memory.f64[CONTROL_F64.hiddenBeforeMjdTai] = -Infinity;
    writer.blocks.isSweeping = false;
  }
  while (writer.retired > 0) {
    const before = writer.retired;
    writer.reclaim();
    // a reader still looks: the next put goes on
    if (writer.retired === before) break;
    await nextTurn();
  }
}

async function sweepTree(writer: MemoryWriter, tree: PageTree, isGone: (ref: number, t: number) => boolean): Promise<void> {
  const state = { root: 0, rootCount: ROOT_COUNT, stack: [] };
  while (!tree.sweep(state, ENTRIES_PER_TURN, isGone)) {
    writer.reclaim();
    await nextTurn();
  }
  writer.reclaim();
}

async function walkNight(writer: MemoryWriter, night: NightRows, mjdTai: number, gone: Set<number>): Promise<void> {
  const { memory, rows, objects, ids } = writer;
  const { f64 } = memory;
  let walked = 0;
  for (const segment of night.segments) {
    const end = segment.at + segment.used;
    for (let at = segment.at; at < end;) {
      const ref = at / 8;
      const object = rows.object(ref);
      const alias = rows.alias(ref);
      const isObjectGone = objects.isGone(object, mjdTai);
      if (alias !== 0) objects.unlink(alias, object, isObjectGone);
      if (isObjectGone) gone.add(object);
      f64[SURVEY_ROWS_AT / 8 + rows.survey(ref)]--;
      ids.remove(hashOfRow(memory, ref), ref);
      at += rows.bytes(ref);
      if (++walked % ROWS_PER_TURN === 0) await nextTurn();
    }
  }
}

function retireNight(writer: MemoryWriter, night: NightRows): void {
  const { u32 } = writer.memory;
  for (let context = night.firstContext; context !== 0; context = u32[context * 2 + CONTEXT.nextOfNight]) {
    writer.contexts.remove(u32[context * 2 + CONTEXT.hash], context);
    writer.pieces.retire(context, CONTEXT_BYTES);
  }
  for (const segment of night.segments) writer.freedBlocks.retire(segment.at / 8, segment.bytes);
}

function publishTimes(writer: MemoryWriter): void {
  let first = NaN;
  let last = NaN;
  for (const night of writer.nights.all()) {
    if (!(night.mjdTaiFirst >= first)) first = night.mjdTaiFirst;
    if (!(night.mjdTaiLast <= last)) last = night.mjdTaiLast;
  }
  writer.memory.f64[CONTROL_F64.mjdTaiFirst] = first;
  writer.memory.f64[CONTROL_F64.mjdTaiLast] = last;
}
