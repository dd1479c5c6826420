// ADES as pipe-separated text: lines with # and ! describe the observations, a line of element names heads
// each table of them.

import { isUtf8 } from 'node:buffer';
import { AppError } from '../../src/errors.ts';
import { adesRowOf } from './adesRow.ts';
import { BatchBuilder, type FileBatch } from './detectionBatch.ts';
import { MAX_FIELD_BYTES } from './limits.ts';
import { linesOf } from './lines.ts';
import { addPart } from './packet.ts';
import type { ReadOptions } from './readOptions.ts';
import { TextFields } from './recordFields.ts';
import { quoted, trimBlanks } from './text.ts';

export async function* readAdesPsv(chunks: AsyncIterable<Uint8Array>, options: ReadOptions, fileName: string): AsyncGenerator<FileBatch> {
  const batch = new BatchBuilder();
  let fields: TextFields | null = null;
  let width = 0;
  for await (const { line, bytes, isTooLong } of linesOf(chunks)) {
    const problem = isTooLong || bytes.length > MAX_FIELD_BYTES ? 'is too long' : isUtf8(bytes) ? null : 'is not UTF-8';
    if (problem !== null) {
      batch.reject(line, problem);
      continue;
    }
    const text = bytes.toString('utf8').replace(/\r$/, '');
    if (text.trim() === '') continue;
    if (text.startsWith('#') || text.startsWith('!')) {
      fields = null;
      continue;
    }
    const values = text.split('|').map(trimBlanks);
    if (fields === null) {
      fields = new TextFields(placesOf(values, line));
      width = values.length;
      continue;
    }
    const table = fields;
    table.fields = values;
    if (values.length !== width) batch.reject(line, `has ${String(values.length)} fields, its table has ${String(width)}`);
    else if (text.includes('\0')) batch.reject(line, 'holds a NUL character');
    else addPart(batch, line, () => adesRowOf(table, `${fileName}:${String(line)}`, options));
    if (batch.isFull) yield* batch.takeFull();
  }
  if (fields === null) throw new AppError('invalid_argument', 'no line of element names, such as permID|mode|stn|obsTime|ra|dec');
  yield* batch.takeAll();
}

function placesOf(names: readonly string[], line: number): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  names.forEach((name, place) => {
    if (places.has(name)) throw new AppError('invalid_argument', `line ${String(line)}: two columns are named ${quoted(name)}`);
    places.set(name, place);
  });
  for (const name of ['stn', 'obsTime']) {
    if (!places.has(name))
      throw new AppError('invalid_argument', `line ${String(line)}: the element names lack ${name}, they are ${quoted(names.join('|'))}`);
  }
  return places;
}
