// An Avro schema to a function that reads one value. Our own small decoder, for three reasons that files
// gave us: sizes and counts in a file are claims to be checked, not trusted; int64 ids must stay exact; and
// schemas that break the rules for defaults (TURBO) or name a field twice (WINTER) still describe their bytes,
// since defaults play no part in reading with the writer's schema. https://avro.apache.org/docs/1.12.0/specification/

import { AppError } from '../../../src/errors.ts';
import type { AvroCursor } from './cursor.ts';

/** Records and maps are Maps by name, arrays are arrays, bytes and fixed are passed over and null. */
export type AvroReader = (cursor: AvroCursor) => unknown;

const MAX_SCHEMA_DEPTH = 64;

const PRIMITIVES: ReadonlyMap<string, AvroReader> = new Map<string, AvroReader>([
  ['null', () => null],
  ['boolean', (cursor) => cursor.boolean()],
  ['int', (cursor) => cursor.int()],
  ['long', (cursor) => cursor.long()],
  ['float', (cursor) => cursor.float()],
  ['double', (cursor) => cursor.double()],
  ['string', (cursor) => cursor.string()],
  ['bytes', (cursor) => cursor.skip(cursor.size())],
]);

export function avroReaderOf(schema: unknown): AvroReader {
  return new SchemaReader().readerOf(schema, '', 0);
}

class SchemaReader {
  /** Named types so far, by full name and by the name as written. A type may use itself, so by reference. */
  readonly #named = new Map<string, { read: AvroReader }>();

  readerOf(schema: unknown, namespace: string, depth: number): AvroReader {
    if (depth > MAX_SCHEMA_DEPTH) throw wrong(`is nested more than ${String(MAX_SCHEMA_DEPTH)} deep`);
    if (typeof schema === 'string') return this.#byName(schema, namespace);
    if (Array.isArray(schema)) return this.#union(schema as unknown[], namespace, depth);
    if (typeof schema !== 'object' || schema === null) throw wrong(`has ${shown(schema)} where a type must be`);
    const parts = new Map(Object.entries(schema as Record<string, unknown>));
    const type = parts.get('type');
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(parts, namespace, depth);
      case 'enum':
        return this.#enum(parts, namespace);
      case 'fixed':
        return this.#fixed(parts, namespace);
      case 'array':
        return arrayReader(this.readerOf(parts.get('items'), namespace, depth + 1));
      case 'map':
        return mapReader(this.readerOf(parts.get('values'), namespace, depth + 1));
      default:
        return this.readerOf(type, namespace, depth + 1);
    }
  }

  #byName(name: string, namespace: string): AvroReader {
    const primitive = PRIMITIVES.get(name);
    if (primitive !== undefined) return primitive;
    const type = this.#named.get(`${namespace}.${name}`) ?? this.#named.get(name);
    if (type === undefined) throw wrong(`uses the type ${shown(name)} and does not define it`);
    return (cursor) => type.read(cursor);
  }

  #record(parts: ReadonlyMap<string, unknown>, namespace: string, depth: number): AvroReader {
    const inner = namespaceOf(parts, namespace);
    const type = this.#define(parts, inner);
    const fields = listOf(parts, 'fields').map((field) => {
      if (typeof field !== 'object' || field === null) throw wrong(`has the field ${shown(field)}`);
      const { name, type: fieldType } = field as { name?: unknown; type?: unknown };
      if (typeof name !== 'string') throw wrong(`has a field named ${shown(name)}`);
      return { name, read: this.readerOf(fieldType, inner, depth + 1) };
    });
    type.read = (cursor) => {
      cursor.enter();
      const record = new Map<string, unknown>();
      for (const { name, read } of fields) {
        cursor.field = name;
        record.set(name, read(cursor));
      }
      cursor.leave();
      return record;
    };
    return type.read;
  }

  #enum(parts: ReadonlyMap<string, unknown>, namespace: string): AvroReader {
    const type = this.#define(parts, namespaceOf(parts, namespace));
    const symbols = listOf(parts, 'symbols');
    type.read = (cursor) => {
      const symbol = symbols[cursor.int()];
      if (typeof symbol !== 'string') throw cursor.broken('is none of its symbols');
      return symbol;
    };
    return type.read;
  }

  #fixed(parts: ReadonlyMap<string, unknown>, namespace: string): AvroReader {
    const type = this.#define(parts, namespaceOf(parts, namespace));
    const size = parts.get('size');
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0) throw wrong(`has a fixed type of size ${shown(size)}`);
    type.read = (cursor) => cursor.skip(size);
    return type.read;
  }

  #union(branches: readonly unknown[], namespace: string, depth: number): AvroReader {
    const readers = branches.map((branch) => this.readerOf(branch, namespace, depth + 1));
    return (cursor) => {
      const branch = cursor.int();
      if (branch < 0 || branch >= readers.length) throw cursor.broken(`is branch ${String(branch)} of ${String(readers.length)}`);
      return readers[branch](cursor);
    };
  }

  #define(parts: ReadonlyMap<string, unknown>, namespace: string): { read: AvroReader } {
    const name = parts.get('name');
    if (typeof name !== 'string') throw wrong(`has a type named ${shown(name)}`);
    const type = { read: (cursor: AvroCursor): unknown => cursor.skip(0) };
    this.#named.set(name, type);
    if (!name.includes('.')) this.#named.set(`${namespace}.${name}`, type);
    return type;
  }
}

function arrayReader(readItem: AvroReader): AvroReader {
  return (cursor) => {
    const items: unknown[] = [];
    for (let n = cursor.blockCount(); n > 0; n = cursor.blockCount()) {
      for (let i = 0; i < n; i++) items.push(readItem(cursor));
    }
    return items;
  };
}

function mapReader(readValue: AvroReader): AvroReader {
  return (cursor) => {
    const entries = new Map<string, unknown>();
    for (let n = cursor.blockCount(); n > 0; n = cursor.blockCount()) {
      for (let i = 0; i < n; i++) entries.set(cursor.string(), readValue(cursor));
    }
    return entries;
  };
}

function namespaceOf(parts: ReadonlyMap<string, unknown>, outer: string): string {
  const name = parts.get('name');
  if (typeof name === 'string' && name.includes('.')) return name.slice(0, name.lastIndexOf('.'));
  const own = parts.get('namespace');
  return typeof own === 'string' ? own : outer;
}

function listOf(parts: ReadonlyMap<string, unknown>, name: string): readonly unknown[] {
  const list = parts.get(name);
  if (!Array.isArray(list)) throw wrong(`has ${shown(list)} where a list of ${name} must be`);
  return list as readonly unknown[];
}

function wrong(what: string): AppError {
  return new AppError('invalid_argument', `avro schema ${what}`);
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 60);
}
