// Which survey sent this packet? By the names in its schema where there is one, else by its fields.

import { AppError } from '../../src/errors.ts';
import type { BatchBuilder } from './detectionBatch.ts';
import type { PacketReader, PacketRecord } from './packet.ts';
import type { ReadOptions } from './readOptions.ts';
import { addLsstPacket } from './surveys/lsst.ts';
import { addAtlasPacket, addDesirtPacket } from './surveys/others.ts';
import { addPgirPacket, addTurboPacket, addWinterPacket, addZtfPacket } from './surveys/ztf.ts';
import { quoted, RowProblem } from './text.ts';

/** By what the schema's full name begins with. */
const READERS: readonly (readonly [string, PacketReader])[] = [
  ['ztf.', addZtfPacket],
  ['lsst.', addLsstPacket],
  ['atlas.', addAtlasPacket],
  ['pgir.', addPgirPacket],
  ['winter.', addWinterPacket],
  ['turbo.', addTurboPacket],
  ['desirt.', addDesirtPacket],
];

export function packetReaderOf(schemaName: string, fieldNames: ReadonlySet<string>): PacketReader {
  const known = READERS.find(([start]) => schemaName.startsWith(start));
  if (known !== undefined) return known[1];
  if (schemaName === 'topLevelRecord') {
    // Spark calls every schema so.
    if (fieldNames.has('diaSource')) return addLsstPacket;
    if (fieldNames.has('objectId') && fieldNames.has('candidate')) return addZtfPacket;
  }
  throw new AppError(
    'invalid_argument',
    `schema ${quoted(schemaName)} is of no survey we know, its fields are ${quoted([...fieldNames].join(', '))}`,
  );
}

export function addPacket(reader: PacketReader, value: unknown, place: string, batch: BatchBuilder, options: ReadOptions): void {
  try {
    if (!(value instanceof Map)) throw new RowProblem('is no record');
    reader(value as PacketRecord, place, batch, options);
  } catch (error) {
    if (!(error instanceof RowProblem || error instanceof AppError)) throw error;
    batch.reject(place, error.message);
  }
}
