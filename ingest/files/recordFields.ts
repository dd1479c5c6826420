// One record of a file, whatever the file: named values, read with the same rules from text (CSV, ADES) and
// from typed values (Avro, Parquet). A value that is missing is NaN or null; one that is wrong throws
// RowProblem, which costs that row only.

import { isNoValue, integerOf, optionalDecimalOf, quoted, RowProblem } from './text.ts';

export interface RecordFields {
  /** Whether the file has this column at all. */
  has(name: string): boolean;
  /** NaN where there is no value. */
  number(name: string): number;
  /** Exact; null where there is no value. */
  integer(name: string): bigint | null;
  /** Byte for byte; null where there is no value or it is empty. */
  text(name: string): string | null;
}

/** A record of text fields by column. The same object serves all rows of a file: set `fields` for each. */
export class TextFields implements RecordFields {
  fields: readonly string[] = [];
  readonly #columns: ReadonlyMap<string, number>;

  constructor(columns: ReadonlyMap<string, number>) {
    this.#columns = columns;
  }

  has(name: string): boolean {
    return this.#columns.has(name);
  }

  number(name: string): number {
    const column = this.#columns.get(name);
    return column === undefined ? NaN : optionalDecimalOf(name, this.fields[column]);
  }

  integer(name: string): bigint | null {
    const column = this.#columns.get(name);
    return column === undefined || isNoValue(this.fields[column]) ? null : integerOf(name, this.fields[column]);
  }

  text(name: string): string | null {
    const column = this.#columns.get(name);
    return column === undefined || this.fields[column] === '' ? null : this.fields[column];
  }
}

/** A decoded record: numbers, bigints, strings, booleans, null. */
export class ValueFields implements RecordFields {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  number(name: string): number {
    const value = this.#values.get(name);
    if (value === null || value === undefined) return NaN;
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint') return Number(value);
    if (typeof value === 'string') return optionalDecimalOf(name, value);
    throw new RowProblem(`${name} is a ${typeof value}, must be a number`);
  }

  integer(name: string): bigint | null {
    const value = this.#values.get(name);
    if (value === null || value === undefined) return null;
    if (typeof value === 'bigint') return value;
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
    if (typeof value === 'string') return isNoValue(value) ? null : integerOf(name, value);
    // A double beyond 2^53 has lost the id it stood for.
    throw new RowProblem(`${name} is ${typeof value === 'number' ? String(value) : `a ${typeof value}`}, must be an exact integer`);
  }

  text(name: string): string | null {
    const value = this.#values.get(name);
    if (value === null || value === undefined || value === '') return null;
    if (typeof value === 'string') return value;
    if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw new RowProblem(`${name} is a ${typeof value}, must be text`);
  }
}

/** A value that a row cannot do without. */
export function required(name: string, value: number): number {
  if (Number.isNaN(value)) throw new RowProblem(`${name} has no value`);
  return value;
}

/** One of a closed set of spellings. */
export function spelled<T>(name: string, value: string, meanings: ReadonlyMap<string, T>): T {
  const meaning = meanings.get(value);
  if (meaning === undefined) throw new RowProblem(`${name} is ${quoted(value)}, must be one of ${[...meanings.keys()].join(', ')}`);
  return meaning;
}
