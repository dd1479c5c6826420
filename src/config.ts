// Every setting of the service, from the environment (NIGHTJAR_HTTP_PORT) or the command line (--http-port,
// which wins). One table gives key, type, default, range, unit and description; deploy/.env.example,
// docs/operations.md and `nightjar serve --help` are held to it by tests. The only reader of process.env.

import { AppError, shownValue } from './errors.ts';
import type { Durability } from './store/store.ts';

/** One setting: how its text becomes a value, and what to tell who got it wrong. */
export interface Setting<T> {
  readonly key: string;
  /** As one writes it. */
  readonly default: string;
  readonly unit: string;
  readonly description: string;
  /** `from 0 to 65535`, `one of memory, redis, tile38`. */
  readonly allowed: string;
  /** undefined: the text is not allowed. */
  readonly parse: (text: string) => T | undefined;
}

export interface AssociationRadii {
  /** For surveys without their own. */
  readonly defaultArcsec: number;
  readonly bySurveyArcsec: Readonly<Record<string, number>>;
}

const DURABILITIES: readonly Durability[] = ['always', 'everysec', 'off'];

const SETTINGS = {
  store: choice('NIGHTJAR_STORE', ['memory', 'redis', 'tile38'], 'memory', 'Engine that keeps the detections'),
  host: text('NIGHTJAR_HOST', '127.0.0.1', 'Address to listen on; 0.0.0.0 for all', /^\S+$/, 'a host name or address'),
  httpPort: integer('NIGHTJAR_HTTP_PORT', 8080, 0, 65_535, '', 'Port of REST, metrics and health; 0 takes a free one'),
  grpcPort: integer('NIGHTJAR_GRPC_PORT', 50_051, 0, 65_535, '', 'Port of gRPC; 0 takes a free one'),
  dataDir: text('NIGHTJAR_DATA_DIR', '.nightjar/data', 'Folder of the memory store; `none` keeps nothing on disk', /^[^\0]+$/, 'a folder'),
  durability: choice('NIGHTJAR_DURABILITY', DURABILITIES, 'everysec', 'When the memory store syncs what it acknowledged to disk'),
  memoryLimitMb: integer(
    'NIGHTJAR_MEMORY_LIMIT_MB',
    0,
    0,
    34_000,
    'MB',
    'Memory store refuses rows beyond it; 0: half of the machine, at most 34,000',
  ),
  windowNights: integer('NIGHTJAR_WINDOW_NIGHTS', 0, 0, 36_525, 'nights', 'Forgets nights that ended longer ago; 0 keeps all'),
  liveNights: integer('NIGHTJAR_LIVE_NIGHTS', 15, 1, 36_525, 'nights', 'Window of the live sky in Tile38'),
  redisUrl: url('NIGHTJAR_REDIS_URL', 'redis://127.0.0.1:6379', 'Redis or Valkey, with NIGHTJAR_STORE=redis'),
  tile38Url: url('NIGHTJAR_TILE38_URL', '', 'Tile38: the store itself (tile38), or the live sky beside Redis (redis)'),
  associationRadii: {
    key: 'NIGHTJAR_ASSOCIATION_RADIUS_ARCSEC',
    default: '1.0',
    unit: 'arcsec',
    description: 'A detection this near an object joins it; `1.0,ZTF=1.5,LSST=0.7` sets surveys apart',
    allowed: 'a number from 0 to 60, and SURVEY=number after commas',
    parse: parseRadii,
  },
  queryThreads: integer('NIGHTJAR_QUERY_THREADS', 0, 0, 64, 'threads', 'Threads that answer REST; 0: the main thread does'),
  requestTimeoutMs: integer('NIGHTJAR_REQUEST_TIMEOUT_MS', 30_000, 10, 3_600_000, 'ms', 'Deadline of a request without its own'),
  maxBodyMb: integer('NIGHTJAR_MAX_BODY_MB', 64, 1, 4096, 'MB', 'Largest request body of REST'),
  shutdownTimeoutMs: integer('NIGHTJAR_SHUTDOWN_TIMEOUT_MS', 20_000, 100, 600_000, 'ms', 'How long a stop may take'),
  logLevel: choice('NIGHTJAR_LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'info', 'Least level that is logged'),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

type ValueOf<S> = S extends Setting<infer T> ? T : never;

export type Config = { readonly [K in keyof typeof SETTINGS]: ValueOf<(typeof SETTINGS)[K]> };

/** In the order of the table: for help texts and the tests of documents. */
export const SETTING_LIST: readonly Setting<unknown>[] = Object.values(SETTINGS);

/** `NIGHTJAR_HTTP_PORT` is `--http-port` on the command line. */
export function flagOf(setting: Pick<Setting<unknown>, 'key'>): string {
  return `--${setting.key.slice(PREFIX.length).toLowerCase().replaceAll('_', '-')}`;
}

const PREFIX = 'NIGHTJAR_';

/**
 * The settings, or one AppError (invalid_argument) that names every key that is wrong, its value and what is
 * allowed. `flags` are texts by key, from the command line. An empty text counts as not given.
 */
export function readConfig(flags: Readonly<Record<string, string>> = {}, env: NodeJS.ProcessEnv = process.env): Config {
  const problems = unknownKeys(env);
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const given = flags[setting.key] ?? env[setting.key] ?? '';
    const value = setting.parse(given === '' ? setting.default : given);
    if (value === undefined) {
      const key = flags[setting.key] === undefined ? setting.key : flagOf(setting);
      problems.push(`${key} is ${shownValue(given)}, must be ${setting.allowed}`);
    }
    values[name] = value;
  }
  if (problems.length > 0) throw new AppError('invalid_argument', problems.join('\n'));
  const config = values as Config;
  if (config.store === 'tile38' && config.tile38Url === '') return { ...config, tile38Url: 'redis://127.0.0.1:9851' };
  return config;
}

/** A setting that nobody reads is most likely a misspelt one. */
function unknownKeys(env: NodeJS.ProcessEnv): string[] {
  const known = SETTING_LIST.map(({ key }) => key);
  return Object.keys(env)
    .filter((key) => key.startsWith(PREFIX) && !known.includes(key) && !isForOthers(key, env[key] ?? ''))
    .map((key) => `${key} is ${shownValue(env[key])}, but there is no such setting; must be one of ${known.join(', ')}`);
}

/** Kubernetes writes the address of a service named nightjar into every pod; two keys are read by the tests. */
function isForOthers(key: string, value: string): boolean {
  if (key === 'NIGHTJAR_SHARED_DATA' || key.startsWith('NIGHTJAR_TEST_')) return true;
  return (
    key.startsWith('NIGHTJAR_SERVICE_') ||
    (key.startsWith('NIGHTJAR_PORT') && (value.startsWith('tcp://') || key.startsWith('NIGHTJAR_PORT_')))
  );
}

function choice<const T extends string>(key: string, allowed: readonly T[], preset: T, description: string): Setting<T> {
  return {
    key,
    default: preset,
    unit: '',
    description,
    allowed: `one of ${allowed.join(', ')}`,
    parse: (given) => allowed.find((it) => it === given),
  };
}

function integer(key: string, preset: number, min: number, max: number, unit: string, description: string): Setting<number> {
  return {
    key,
    default: String(preset),
    unit,
    description,
    allowed: `a whole number from ${min} to ${max}`,
    parse: (given) => {
      const value = /^\d{1,15}$/.test(given) ? Number(given) : NaN;
      return value >= min && value <= max ? value : undefined;
    },
  };
}

function text(key: string, preset: string, description: string, pattern: RegExp, allowed: string): Setting<string> {
  return { key, default: preset, unit: '', description, allowed, parse: (given) => (pattern.test(given) ? given : undefined) };
}

function url(key: string, preset: string, description: string): Setting<string> {
  return {
    key,
    default: preset,
    unit: '',
    description,
    allowed: 'a redis://, rediss:// or unix:// URL',
    parse: (given) => (given === '' || isUrl(given) ? given : undefined),
  };
}

function isUrl(given: string): boolean {
  const parsed = URL.parse(given);
  if (parsed === null) return false;
  return parsed.protocol === 'unix:'
    ? parsed.pathname.length > 1
    : ['redis:', 'rediss:'].includes(parsed.protocol) && parsed.hostname !== '';
}

function parseRadii(given: string): AssociationRadii | undefined {
  let defaultArcsec = 1;
  const bySurveyArcsec: Record<string, number> = {};
  for (const [i, part] of given.split(',').entries()) {
    const match = /^(?:([^=,:]{1,64})=)?(\d+(?:\.\d+)?)$/.exec(part.trim());
    if (match === null) return undefined;
    const [, survey, number] = match as unknown as [string, string | undefined, string];
    const radiusArcsec = Number(number);
    if (radiusArcsec > 60 || (survey === undefined && i > 0)) return undefined;
    if (survey === undefined) defaultArcsec = radiusArcsec;
    else bySurveyArcsec[survey.trim()] = radiusArcsec;
  }
  return { defaultArcsec, bySurveyArcsec };
}
