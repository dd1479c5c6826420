// The REST face from outside, for the commands that ask.

import { AppError, ERROR_CODES, type ErrorCode } from '../errors.ts';
import type { JsonRow } from './table.ts';

export interface RestReply {
  readonly text: string;
  readonly bytes: Buffer;
  /** From sending the request to having the whole answer. */
  readonly ms: number;
  /** What the service says the query took; null when it doesn't. */
  readonly queryMs: number | null;
  readonly isTruncated: boolean;
}

export interface RowsReply extends RestReply {
  readonly rows: readonly JsonRow[];
  readonly next: string | null;
}

export class RestClient {
  readonly #base: string;
  readonly #timeoutMs: number;

  constructor(url: string, timeoutMs: number) {
    this.#base = baseUrl(url);
    this.#timeoutMs = timeoutMs;
  }

  /** Throws AppError with the code of the service's problem document, or `unavailable`. */
  async get(path: string, parameters: Readonly<Record<string, string | undefined>> = {}): Promise<RestReply> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, value);
    const url = `${this.#base}${path}${query.size === 0 ? '' : `?${query.toString()}`}`;
    return this.#ask(url, {});
  }

  async rows(path: string, parameters: Readonly<Record<string, string | undefined>> = {}): Promise<RowsReply> {
    const reply = await this.get(path, { ...parameters, format: 'json' });
    const body = objectOf(JSON.parse(reply.text));
    const { detections, next } = body;
    if (!Array.isArray(detections)) throw new AppError('internal', `${path} gave no list of detections`);
    return { ...reply, rows: detections.map(objectOf), next: typeof next === 'string' ? next : null };
  }

  async object(path: string): Promise<JsonRow> {
    return objectOf(JSON.parse((await this.get(path)).text));
  }

  async post(path: string, contentType: string, body: string): Promise<JsonRow> {
    const reply = await this.#ask(`${this.#base}${path}`, { method: 'POST', headers: { 'content-type': contentType }, body });
    return objectOf(JSON.parse(reply.text));
  }

  async #ask(url: string, init: RequestInit): Promise<RestReply> {
    const start = performance.now();
    let response: Response;
    let bytes: Buffer;
    try {
      response = await fetch(url, { ...init, signal: AbortSignal.timeout(this.#timeoutMs) });
      bytes = Buffer.from(await response.arrayBuffer());
    } catch (error) {
      throw unreachable(this.#base, this.#timeoutMs, error);
    }
    const ms = performance.now() - start;
    const text = bytes.toString();
    if (!response.ok) throw problemError(response.status, text);
    const queryMs = /query;dur=([\d.]+)/.exec(response.headers.get('server-timing') ?? '')?.[1];
    return {
      text,
      bytes,
      ms,
      queryMs: queryMs === undefined ? null : Number(queryMs),
      isTruncated: response.headers.get('nightjar-truncated') === 'true',
    };
  }
}

function baseUrl(url: string): string {
  const parsed = URL.parse(url.includes('://') ? url : `http://${url}`);
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) {
    throw new AppError('invalid_argument', `--url is ${JSON.stringify(url)}, must be like http://127.0.0.1:8080`);
  }
  return `${parsed.origin}${parsed.pathname.replace(/\/$/, '')}`;
}

function unreachable(base: string, timeoutMs: number, error: unknown): AppError {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new AppError('deadline_exceeded', `${base} did not answer within ${timeoutMs} ms`, { cause: error });
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
  return new AppError('unavailable', `${base} is not reachable (${cause}); is \`nightjar serve\` running?`, { cause: error });
}

function problemError(status: number, text: string): AppError {
  try {
    const { code, detail } = objectOf(JSON.parse(text));
    if (typeof detail === 'string' && isErrorCode(code)) return new AppError(code, detail);
  } catch {
    // no problem document: a proxy, or another service
  }
  return new AppError('unavailable', `the service answered with HTTP status ${status}`);
}

function isErrorCode(code: unknown): code is ErrorCode {
  return ERROR_CODES.some((it) => it === code);
}

function objectOf(value: unknown): JsonRow {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new AppError('internal', 'the service gave no JSON object');
  return Object.fromEntries(Object.entries(value));
}
