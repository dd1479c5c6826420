// Which fields an answer has, and from the outside name of a field to the typed array behind it.

import { FLOAT32_COLUMNS, FLOAT64_COLUMNS } from '../../../src/model/columns.ts';
import { FIELDS, SEP_FIELD, type Field } from '../../../src/model/fields.ts';
import type { MatchedPositions, ShownAnswer } from './format.ts';

export type Float32Name = (typeof FLOAT32_COLUMNS)[number];
export type Float64Name = (typeof FLOAT64_COLUMNS)[number];

const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);

export const FLOAT32_NAMES: ReadonlyMap<string, Float32Name> = new Map(FLOAT32_COLUMNS.map((name) => [snakeCase(name), name]));
export const FLOAT64_NAMES: ReadonlyMap<string, Float64Name> = new Map(FLOAT64_COLUMNS.map((name) => [snakeCase(name), name]));

/** The columns of an answer; `sep_arcsec` is the last where there was a place to be separated from. */
export const PLAIN_FIELDS: readonly Field[] = FIELDS;
export const CONE_FIELDS: readonly Field[] = [...FIELDS, SEP_FIELD];
/** Those of a cross-match, whose first two come from the request. */
export const MATCH_FIELDS: readonly Field[] = matchFields({ positionOf: [], idOf: [] });

export function fieldsOf(answer: ShownAnswer): readonly Field[] {
  if (answer.matched !== null) return matchFields(answer.matched);
  return answer.hasSeparation ? CONE_FIELDS : PLAIN_FIELDS;
}

function matchFields({ positionOf, idOf }: MatchedPositions): readonly Field[] {
  const position: Field = {
    name: 'position', type: 'int32', unit: '', ucd: 'meta.number', description: 'Number of the asked position, from 0',
    value: (_columns, row) => positionOf[row],
  }; // prettier-ignore
  const id: Field = {
    name: 'id', type: 'text', unit: '', ucd: 'meta.id', description: 'Your own id of the asked position',
    value: (_columns, row) => idOf[row],
  }; // prettier-ignore
  const nullable = CONE_FIELDS.map((field) => ({
    ...field,
    value: (columns, row) => (columns.kind[row] === 0 ? null : field.value(columns, row)),
  }) satisfies Field); // prettier-ignore
  return [position, id, ...nullable];
}

/** Low and high halves of 64-bit integers, without making a bigint of each. */
export function halves(column: BigInt64Array | BigUint64Array): Int32Array {
  return new Int32Array(column.buffer, column.byteOffset, 2 * column.length);
}
