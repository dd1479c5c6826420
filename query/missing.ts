import { AppError } from '../src/errors.ts';

/** A field that only the combination of the others makes necessary; plain required ones the schema refuses. */
export function missing(field: string, message = `${field} is missing`): AppError {
  return new AppError('invalid_argument', message, {
    details: { field, limit: 'required' },
  });
}

/** The number that must be there. */
export function given(field: string, value: number | null | undefined): number {
  if (typeof value !== 'number') throw missing(field);
  return value;
}
