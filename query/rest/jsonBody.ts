// JSON bodies: an object, whose members may also be parameters of the route.

import { AppError, invalidArgument } from '../../src/errors.ts';
import { unknownParameter, type Given, type Parameter } from './parameters.ts';

export function jsonBody(body: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new AppError('invalid_argument', `the body is no JSON: ${error instanceof Error ? error.message : ''}`, { cause: error });
  }
  if (!isObject(value)) throw new AppError('invalid_argument', 'the body must be a JSON object');
  return value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Members of a body as if they stood in the URL. null and '' count as absent; a list is one after another. */
export function readMembers(given: Given, known: ReadonlyMap<string, Parameter>, members: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(members)) {
    const parameter = known.get(name);
    if (parameter === undefined) throw unknownParameter(name, known);
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) {
      const text = textOf(name, each);
      if (text !== '') parameter.read(given, text);
    }
  }
}

/** A number or a text as text, '' for null or undefined. */
export function textOf(field: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw invalidArgument(field, Array.isArray(value) ? 'a list' : typeof value, 'a number or text');
}
