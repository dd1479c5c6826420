// The place where the next page of an answer starts: the key of the last row shown, opaque to clients.
// A checksum tells a cursor that was edited or cut from one that we made; it is no secret.
//
//   base64url( version u8 | crc32 u32 of what follows | mjdTai f64 | survey length u8 | survey | source id )

import { crc32 } from 'node:zlib';
import { invalidArgument } from '../src/errors.ts';
import type { RowKey } from '../src/model/window.ts';

const VERSION = 1;
const HEAD_BYTES = 14;

export function encodeCursor(key: RowKey): string {
  const survey = Buffer.from(key.survey, 'utf8');
  const sourceId = Buffer.from(key.sourceId, 'utf8');
  const bytes = Buffer.alloc(HEAD_BYTES + survey.length + sourceId.length);
  bytes.writeUInt8(VERSION, 0);
  bytes.writeDoubleLE(key.mjdTai, 5);
  bytes.writeUInt8(survey.length, 13);
  survey.copy(bytes, HEAD_BYTES);
  sourceId.copy(bytes, HEAD_BYTES + survey.length);
  bytes.writeUInt32LE(crc32(bytes.subarray(5)), 1);
  return bytes.toString('base64url');
}

export function decodeCursor(cursor: string): RowKey {
  const bytes = Buffer.from(cursor, 'base64url');
  const surveyEnd = HEAD_BYTES + (bytes[13] ?? 0);
  const isOurs =
    bytes.toString('base64url') === cursor &&
    bytes.length >= surveyEnd &&
    bytes.length >= HEAD_BYTES &&
    bytes[0] === VERSION &&
    bytes.readUInt32LE(1) === crc32(bytes.subarray(5));
  if (!isOurs) throw invalidArgument('cursor', cursor, 'the next cursor of an earlier answer, unchanged');
  return {
    mjdTai: bytes.readDoubleLE(5),
    survey: bytes.toString('utf8', HEAD_BYTES, surveyEnd),
    sourceId: bytes.toString('utf8', surveyEnd),
  };
}
