// Rows whose ids were claimed before: repeated, in conflict, or left unwritten by a crash.

import { DetectionColumns } from '../../model/columns.ts';
import { FIELDS } from '../../model/fields.ts';
import { aliasAt, floatColumnsOf, idTextAt, isSameContent, packedOf, unpackRow, type Packed } from '../packedRow.ts';
import { readBlocks, rowsOf } from './blocks.ts';
import { PENDING, type Chunk } from './chunk.ts';
import type { RedisContext } from './context.ts';
import { freshNames } from './rowsOut.ts';

/**
 * Settles the rows that stand in Redis: a duplicate where the content is the same, else rejected. Returns the
 * rows that must wait because an earlier row of the chunk has the same id. The others are free to be written:
 * known[i] is null again.
 */
export async function examineKnown(context: RedisContext, chunk: Chunk): Promise<Set<number>> {
  const waiting = new Set<number>();
  const rows: number[] = [];
  for (let i = 0; i < chunk.rows; i++) if (chunk.state[i] === PENDING && chunk.known[i] !== null) rows.push(i);
  if (rows.length === 0) return waiting;

  const first = new Map<string, number>();
  for (let i = 0; i < chunk.rows; i++) {
    if (chunk.state[i] !== PENDING) continue;
    const id = chunk.idKey(i).toString('latin1');
    if (!first.has(id)) first.set(id, i);
    else waiting.add(i);
  }
  const ready = rows.filter((i) => !waiting.has(i));
  const pixelOf = (i: number): number => chunk.known[i]?.readUInt32BE(0) ?? 0;
  const pixels = [...new Set(ready.map(pixelOf))];
  const blocks = await readBlocks(context, pixels);
  await freshNames(context, blocks);
  const content = packedOf(chunk.content.bytes);
  const found = new Map(pixels.map((pixel, p) => [pixel, { block: blocks[p], rows: blocks[p] === null ? null : rowsById(blocks[p]) }]));
  ready.forEach((i) => {
    const { block, rows: rowsThere } = found.get(pixelOf(i)) ?? { block: null, rows: null };
    const at = rowsThere?.get(idTextAt(content, chunk.contentAt[i]));
    if (block !== null && at !== undefined) {
      if (isSameContent(block, at, content, chunk.contentAt[i])) chunk.duplicate(i);
      else chunk.reject(i, 'already_exists', conflictMessage(context, chunk, i, block, at));
      return;
    }
    const place = chunk.known[i];
    if (place !== null && !chunk.isAtPlace(i, place)) {
      const { columns } = chunk.job[i];
      const row = chunk.jobRow[i];
      const key = `${columns.surveyOf(row)}:${columns.sourceIdOf(row)}`;
      chunk.reject(i, 'already_exists', `${key} is being written with another position or time`);
      return;
    }
    chunk.known[i] = null;
  });
  return waiting;
}

function rowsById(block: Packed): Map<string, number> {
  const rows = new Map<string, number>();
  for (const at of rowsOf(block)) rows.set(idTextAt(block, at), at);
  return rows;
}

/** Says which field differs. */
function conflictMessage({ names }: RedisContext, chunk: Chunk, i: number, block: Packed, at: number): string {
  const { columns } = chunk.job[i];
  const row = chunk.jobRow[i];
  const stored = new DetectionColumns(1, names);
  unpackRow(block, at, stored, floatColumnsOf(stored));
  stored.objectId[0] = aliasAt(block, at);
  const field = FIELDS.find(({ value }) => !Object.is(value(stored, 0), value(columns, row)));
  return `${columns.surveyOf(row)}:${columns.sourceIdOf(row)} is stored with another ${field?.name ?? 'content'}`;
}
