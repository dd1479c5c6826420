// Query parameters: their names, how each is read, and what a route makes of them. One hand-written pass
// over the query string; ranges are checked afterwards by the schemas that both faces share.
//
// An empty parameter (`band=`) counts as absent. An unknown one is refused by name. Lists take
// `band=g&band=r` and `band=g,r`. `+` and %20 are blanks, so `dec=+41.2` and `ra=10+00+00` read well.

import type { Filter, Find, Kind, Page } from '../../src/contract/gen/codec.js';
import { integerOfText, numberOfText } from '../../src/contract/numberText.ts';
import { AppError, invalidArgument, shownValue } from '../../src/errors.ts';
import { KINDS, KIND_NUMBER } from '../../src/model/kind.ts';
import { parseDecDeg, parseRaDeg } from '../../src/sky/angle.ts';
import { FORMAT_NAMES, type FormatName } from './formats/format.ts';

/** What a query string said. Fields that it did not name are undefined, lists empty. */
export class Given {
  raDeg: number | undefined = undefined;
  decDeg: number | undefined = undefined;
  radiusArcsec: number | undefined = undefined;
  radiusDeg: number | undefined = undefined;
  maxRadiusArcsec: number | undefined = undefined;
  k: number | undefined = undefined;
  mjdMin: number | undefined = undefined;
  mjdMax: number | undefined = undefined;
  minReliability: number | undefined = undefined;
  magMin: number | undefined = undefined;
  magMax: number | undefined = undefined;
  limit: number | undefined = undefined;
  cursor: string | undefined = undefined;
  format: FormatName | undefined = undefined;
  find: Find | undefined = undefined;
  readonly bands: string[] = [];
  readonly surveys: string[] = [];
  readonly kinds: Kind[] = [];
  /** Whether any part of a filter was given. */
  isFiltered = false;

  filter(): Filter | undefined {
    if (!this.isFiltered) return undefined;
    const { mjdMin, mjdMax, bands, surveys, kinds, minReliability, magMin, magMax } = this;
    return { mjdMin, mjdMax, bands, surveys, kinds, minReliability, magMin, magMax };
  }

  page(): Page | undefined {
    const { limit, cursor } = this;
    if (limit === undefined && cursor === undefined) return undefined;
    return cursor === undefined ? { limit } : { limit, cursor };
  }
}

type ScalarName = Exclude<keyof Given, 'bands' | 'surveys' | 'kinds' | 'isFiltered' | 'filter' | 'page'>;

export interface Parameter {
  readonly name: string;
  readonly description: string;
  /** Where the OpenAPI page finds type, range and unit: message and field. */
  readonly schema:
    { readonly message: 'Filter' | 'Page' | 'ConeRequest' | 'NearestRequest' | 'CrossMatchRequest'; readonly field: string } | 'format';
  /** Sexagesimal text is fine too. */
  readonly isAngle?: boolean;
  readonly read: (given: Given, text: string) => void;
}

type SchemaPlace = Parameter['schema'];

/** A parameter that stands for one field; naming it twice is an error. */
function scalar<K extends ScalarName>(
  name: string,
  field: K,
  schema: SchemaPlace,
  description: string,
  parse: (text: string) => NonNullable<Given[K]>,
  isFilter = false,
): Parameter {
  return {
    name,
    description,
    schema,
    read: (given, text) => {
      if (given[field] !== undefined) throw new AppError('invalid_argument', `${name} is given twice`, { details: { field: name } });
      const into: Pick<Given, K> = given;
      into[field] = parse(text);
      if (isFilter) given.isFiltered = true;
    },
  };
}

function list(name: string, field: string, description: string, add: (given: Given, part: string) => void): Parameter {
  return {
    name,
    description: `${description}; several as ${name}=a,b or repeated`,
    schema: { message: 'Filter', field },
    read: (given, text) => {
      for (const part of text.split(',')) if (part !== '') add(given, part.trim());
      given.isFiltered = true;
    },
  };
}

const number = (name: string) => (text: string) => numberOfText(name, text.trim());
const integer = (name: string) => (text: string) => integerOfText(name, text.trim());
const filter = (field: string): SchemaPlace => ({ message: 'Filter', field });

const RA: Parameter = {
  ...scalar(
    'ra',
    'raDeg',
    { message: 'ConeRequest', field: 'ra_deg' },
    'Right ascension, ICRS: degrees, or hours as 10:00:24.5',
    parseRaDeg,
  ),
  isAngle: true,
};
const DEC: Parameter = {
  ...scalar(
    'dec',
    'decDeg',
    { message: 'ConeRequest', field: 'dec_deg' },
    'Declination, ICRS: degrees, or sexagesimal as -05:30:00',
    parseDecDeg,
  ),
  isAngle: true,
};
const RADIUS_ARCSEC = scalar(
  'radius_arcsec', 'radiusArcsec', { message: 'ConeRequest', field: 'radius_arcsec' }, 'Radius of the closed cone; this or radius_deg', number('radius_arcsec'),
); // prettier-ignore
const RADIUS_DEG = scalar(
  'radius_deg',
  'radiusDeg',
  { message: 'ConeRequest', field: 'radius_deg' },
  'The same in degrees',
  number('radius_deg'),
);
const FORMAT = scalar(
  'format',
  'format',
  'format',
  `One of ${FORMAT_NAMES.join(', ')}; without it the Accept header, else json`,
  parseFormat,
);

const FILTER: readonly Parameter[] = [
  scalar('mjd_min', 'mjdMin', filter('mjd_min'), 'Mid-exposure time at or after this MJD, TAI', number('mjd_min'), true),
  scalar('mjd_max', 'mjdMax', filter('mjd_max'), 'Mid-exposure time before this MJD, TAI', number('mjd_max'), true),
  list('band', 'bands', 'Passbands', (given, part) => given.bands.push(part)),
  list('survey', 'surveys', 'Surveys', (given, part) => given.surveys.push(part)),
  list('kind', 'kinds', `Kinds: ${KINDS.join(', ')}`, (given, part) => given.kinds.push(kindNumber(part))),
  scalar('min_reliability', 'minReliability', filter('min_reliability'), 'Reliability at least', number('min_reliability'), true),
  scalar('mag_min', 'magMin', filter('mag_min'), 'AB magnitude at least', number('mag_min'), true),
  scalar('mag_max', 'magMax', filter('mag_max'), 'AB magnitude at most', number('mag_max'), true),
];

const PAGE: readonly Parameter[] = [
  scalar('limit', 'limit', { message: 'Page', field: 'limit' }, 'At most this many rows', integer('limit')),
  scalar('cursor', 'cursor', { message: 'Page', field: 'cursor' }, '`next` of the answer before', (text) => text),
];

function table(...parameters: readonly Parameter[]): ReadonlyMap<string, Parameter> {
  return new Map(parameters.map((parameter) => [parameter.name, parameter]));
}

export const CONE_PARAMETERS = table(RA, DEC, RADIUS_ARCSEC, RADIUS_DEG, ...FILTER, ...PAGE, FORMAT);
export const PLACE_LIGHT_CURVE_PARAMETERS = table(RA, DEC, RADIUS_ARCSEC, ...FILTER, ...PAGE, FORMAT);
export const ROWS_PARAMETERS = table(...FILTER, ...PAGE, FORMAT);
export const FILTER_PARAMETERS = table(...FILTER);
export const ONE_ROW_PARAMETERS = table(FORMAT);
export const NO_PARAMETERS = table();
export const NEAREST_PARAMETERS = table(
  RA,
  DEC,
  scalar('k', 'k', { message: 'NearestRequest', field: 'k' }, 'How many', integer('k')),
  scalar(
    'max_radius_arcsec',
    'maxRadiusArcsec',
    { message: 'NearestRequest', field: 'max_radius_arcsec' },
    'No farther than this',
    number('max_radius_arcsec'),
  ),
  ...FILTER,
  FORMAT,
);
export const BULK_PARAMETERS = table(
  scalar(
    'radius_arcsec',
    'radiusArcsec',
    { message: 'CrossMatchRequest', field: 'radius_arcsec' },
    'For positions without their own',
    number('radius_arcsec'),
  ),
  scalar(
    'find',
    'find',
    { message: 'CrossMatchRequest', field: 'find' },
    'all: every detection; best: the nearest; each: a line for every position',
    findNumber,
  ),
  ...FILTER,
  scalar('limit', 'limit', { message: 'CrossMatchRequest', field: 'limit' }, 'At most this many lines', integer('limit')),
  FORMAT,
);

/** Reads a query string (without the `?`) by a route's table. Throws invalid_argument. */
export function readParameters(query: string, known: ReadonlyMap<string, Parameter>): Given {
  const given = new Given();
  let start = 0;
  while (start < query.length) {
    let end = query.indexOf('&', start);
    if (end === -1) end = query.length;
    if (end > start) {
      const equals = query.indexOf('=', start);
      const hasValue = equals !== -1 && equals < end;
      const name = decoded(query.slice(start, hasValue ? equals : end));
      const parameter = known.get(name);
      if (parameter === undefined) throw unknownParameter(name, known);
      const text = hasValue ? decoded(query.slice(equals + 1, end)) : '';
      if (text !== '') parameter.read(given, text);
    }
    start = end + 1;
  }
  return given;
}

function decoded(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    const message = `the query has ${shownValue(text)}, which is no percent-encoded UTF-8`;
    throw new AppError('invalid_argument', message, { cause: error });
  }
}

export function unknownParameter(name: string, known: ReadonlyMap<string, Parameter>): AppError {
  const names = [...known.keys()].join(', ');
  const limit = names === '' ? 'there are none here' : `known here: ${names}`;
  return new AppError('invalid_argument', `${shownValue(name)} is no parameter of this route; ${limit}`, {
    details: { field: name, limit },
  });
}

function parseFormat(text: string): FormatName {
  const format = FORMAT_NAMES.find((name) => name === text.trim().toLowerCase());
  if (format === undefined) throw invalidArgument('format', text, `one of ${FORMAT_NAMES.join(', ')}`);
  return format;
}

function kindNumber(text: string): Kind {
  const kind = KINDS.find((name) => name === text);
  if (kind === undefined) throw invalidArgument('kind', text, `one of ${KINDS.join(', ')}`);
  return KIND_NUMBER[kind] as Kind;
}

/** all 1, best 2, each 3. */
export function findNumber(text: string): Find {
  const at = ['all', 'best', 'each'].indexOf(text);
  if (at === -1) throw invalidArgument('find', text, 'one of all, best, each');
  return (at + 1) as Find;
}
