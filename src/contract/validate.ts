// Requests are checked here, once, for both faces: one Ajv, schemas from the proto's rules
// (scripts/gen.ts), nothing coerced. An error names field, value and limit as the outside writes them:
// `radius_deg is 200, must be at most 180`, whether the request came as JSON or as a message.
//
// Values that say the same thing twice (radius_arcsec and radius_deg) are the use functions' concern.

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { AppError, invalidArgument, shownValue } from '../errors.ts';
import { MESSAGE_SCHEMAS, OUTSIDE_SCHEMAS, type CheckedName, type OutsideName } from './gen/schemas.ts';

// ownProperties: decoded messages have their defaults on the prototype, and a default is not "given"
const ajv = new Ajv({ allErrors: false, coerceTypes: false, ownProperties: true, strict: true, verbose: true });
ajv.addVocabulary(['x-unit']);

const compiled = new Map<string, ValidateFunction>();

/** Throws invalid_argument unless `request` (camelCase, as the codec's types) keeps the proto's rules. */
export function checkRequest(name: CheckedName, request: object): void {
  check(`message ${name}`, name, MESSAGE_SCHEMAS[name], request);
}

/** The same for a JSON body with the outside names (snake_case, enums as text). */
export function checkOutside(name: OutsideName, body: unknown): void {
  check(`outside ${name}`, name, OUTSIDE_SCHEMAS[name], body);
}

function check(key: string, name: string, schema: object, value: unknown): void {
  let validate = compiled.get(key);
  if (validate === undefined) {
    validate = ajv.compile(schema);
    compiled.set(key, validate);
  }
  if (!validate(value) && validate.errors?.[0] !== undefined) throw schemaError(name, validate.errors[0]);
}

/** What Ajv found as an AppError. `name` stands for the whole value where that is what is wrong. */
export function schemaError(name: string, error: ErrorObject): AppError {
  const field = fieldName(error.instancePath) || name;
  const value: unknown = error.data;
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return missing(memberName(error.instancePath, String(params['missingProperty'])));
    case 'additionalProperties':
      return unknownField(memberName(error.instancePath, String(params['additionalProperty'])), name);
    case 'minimum':
      return invalidArgument(field, value, `at least ${String(params['limit'])}`);
    case 'maximum':
      return invalidArgument(field, value, `at most ${String(params['limit'])}`);
    case 'type':
    case 'enum':
      if (typeof value === 'object' && value !== null) return wrongShape(field, value, expected(error));
      return invalidArgument(field, value, expected(error));
    case 'minItems':
    case 'minLength':
      return new AppError('invalid_argument', `${field} is empty`, { details: { field, limit: 'not empty' } });
    case 'maxItems':
      return tooMany(field, (value as readonly unknown[]).length, 'entries', Number(params['limit']));
    case 'maxLength':
      return tooMany(field, (value as string).length, 'characters', Number(params['limit']));
    default:
      return new AppError('invalid_argument', `${field} is ${shownValue(value)}, ${error.message ?? 'which is not allowed'}`, {
        details: { field },
      });
  }
}

function missing(field: string): AppError {
  return new AppError('invalid_argument', `${field} is missing`, { details: { field, limit: 'required' } });
}

function unknownField(field: string, name: string): AppError {
  return new AppError('invalid_argument', `${field} is not a field of ${name}`, { details: { field } });
}

function tooMany(field: string, count: number, what: string, limit: number): AppError {
  return new AppError('invalid_argument', `${field} has ${String(count)} ${what}, must be at most ${String(limit)}`, {
    details: { field, value: String(count), limit: String(limit) },
  });
}

function wrongShape(field: string, value: object, limit: string): AppError {
  const shown = Array.isArray(value) ? 'a list' : 'an object';
  return new AppError('invalid_argument', `${field} is ${shown}, must be ${limit}`, { details: { field, limit } });
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  number: 'a number',
  integer: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function expected(error: ErrorObject): string {
  if (error.keyword === 'enum') {
    const allowed = (error.schema as readonly unknown[]).filter((value) => value !== null);
    return `one of ${allowed.map(String).join(', ')}`;
  }
  const type = String((error.params as Record<string, unknown>)['type']).split(',')[0];
  return TYPE_WORDS[type] ?? type;
}

function memberName(instancePath: string, member: string): string {
  return fieldName(`${instancePath}/${member}`);
}

/**
 * `/filter/mjdMin` is mjd_min and `/positions/3/raDeg` is positions[3].ra_deg: the outside has Filter and
 * Page flattened into the request, so only lists are named on the way.
 */
function fieldName(instancePath: string): string {
  let name = '';
  for (const part of instancePath.split('/').slice(1)) {
    if (/^\d+$/.test(part)) name += `[${part}]`;
    else name = name.endsWith(']') ? `${name}.${snakeCase(part)}` : snakeCase(part);
  }
  return name;
}

const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
