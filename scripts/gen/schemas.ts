// JSON Schemas from the proto rules, each message twice: OUTSIDE (snake_case, enums and 64-bit integers as
// text: REST bodies and the OpenAPI page) and MESSAGE (camelCase, enums as numbers: decoded requests).

import protobuf from 'protobufjs';
import { commentOf, enumNames, hasPresence, rulesOf, type ProtoSet } from './protos.ts';

type Json = Record<string, unknown>;
type Side = 'outside' | 'message';

const INTEGER_RANGE: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-2_147_483_648, 2_147_483_647],
  uint32: [0, 4_294_967_295],
};
const IS_64_BIT = /64$/;

export function messageSchemas(outside: ProtoSet, message: ProtoSet): string {
  const write = (set: ProtoSet, side: Side) =>
    set.messages.filter((type) => side === 'outside' || isCheckable(type)).map((type) => [type.name, schemaOf(type, side)]);
  const outsideSchemas = Object.fromEntries(write(outside, 'outside')) as Json;
  const checkable = Object.fromEntries(write(message, 'message')) as Json;
  return `${SCHEMA_TYPE}
/** snake_case, as REST and the OpenAPI page show them. */
export const OUTSIDE_SCHEMAS: Readonly<Record<OutsideName, MessageSchema>> = ${literal(outsideSchemas)};

export type OutsideName =
${Object.keys(outsideSchemas)
  .map((name) => `  | '${name}'`)
  .join('\n')};

/** camelCase, as decoded requests are. */
export const MESSAGE_SCHEMAS: Readonly<Record<CheckedName, MessageSchema>> = ${literal(checkable)};

export type CheckedName =
${Object.keys(checkable)
  .map((name) => `  | '${name}'`)
  .join('\n')};
`;
}

const SCHEMA_TYPE = `/** The part of JSON Schema that the rules need. */
export interface MessageSchema {
  readonly type: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  readonly description?: string;
  readonly 'x-unit'?: string;
  readonly nullable?: boolean;
  readonly properties?: Readonly<Record<string, MessageSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly items?: MessageSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly contentEncoding?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly (string | number | null)[];
}
`;

/** Batches of detections are checked by model/checkBatch, answers by nobody. */
function isCheckable(type: protobuf.Type): boolean {
  return /Request$/.test(type.name) || ['Filter', 'Page', 'Position'].includes(type.name);
}

function schemaOf(type: protobuf.Type, side: Side): Json {
  const fields = type.fieldsArray;
  const required = fields.filter((field) => rulesOf(field).required === true).map((field) => field.name);
  return {
    type: 'object',
    ...(commentOf(type) === '' ? {} : { description: commentOf(type) }),
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field, side)])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function fieldSchema(field: protobuf.Field, side: Side): Json {
  const rules = rulesOf(field);
  const about = {
    ...(commentOf(field) === '' ? {} : { description: commentOf(field) }),
    ...(rules.unit === undefined ? {} : { 'x-unit': rules.unit }),
  };
  if (field.repeated) {
    return {
      type: 'array',
      ...about,
      items: valueSchema(field, side, true),
      ...(rules.required === true ? { minItems: 1 } : {}),
      ...(rules.max_items === undefined ? {} : { maxItems: rules.max_items }),
    };
  }
  const value = valueSchema(field, side, rules.required === true);
  const nullable = side === 'message' && rules.required !== true && hasPresence(field) ? { nullable: true } : {};
  return { ...value, ...about, ...nullable };
}

function valueSchema(field: protobuf.Field, side: Side, isGiven: boolean): Json {
  const { min, max, max_length: maxLength, required } = rulesOf(field);
  const type = field.resolvedType;
  if (type instanceof protobuf.Type) return schemaOf(type, side);
  if (type instanceof protobuf.Enum) {
    const names = enumNames(type);
    if (side === 'outside') return { type: 'string', enum: names.map(({ name }) => name) };
    return { type: 'integer', enum: [...(isGiven ? [] : [0]), ...names.map(({ number }) => number)] };
  }
  if (IS_64_BIT.test(field.type)) return { type: 'string', pattern: '^-?[0-9]{1,20}$' };
  switch (field.type) {
    case 'double':
    case 'float':
      return { type: 'number', ...(min === undefined ? {} : { minimum: min }), ...(max === undefined ? {} : { maximum: max }) };
    case 'int32':
    case 'uint32': {
      const [lowest, highest] = INTEGER_RANGE[field.type];
      return { type: 'integer', minimum: min ?? lowest, maximum: max ?? highest };
    }
    case 'bool':
      return { type: 'boolean' };
    case 'bytes':
      return { type: 'string', contentEncoding: 'base64' };
    case 'string':
      return {
        type: 'string',
        ...(required === true && !field.repeated ? { minLength: 1 } : {}),
        ...(maxLength === undefined ? {} : { maxLength }),
      };
    default:
      throw new Error(`${field.fullName} has type ${field.type}, which has no schema`);
  }
}

/** A JSON value as source text in the house style. */
export function literal(value: unknown, indent = ''): string {
  const inner = `${indent}  `;
  if (typeof value === 'string') {
    return value.includes("'") ? JSON.stringify(value) : `'${value.replaceAll('\\', '\\\\')}'`;
  }
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, inner)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, item]) => `${inner}${/^\w+$/.test(key) ? key : `'${key}'`}: ${literal(item, inner)},\n`,
    );
    return entries.length === 0 ? '{}' : `{\n${entries.join('')}${indent}}`;
  }
  return String(value);
}
