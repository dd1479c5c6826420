// The body of POST /v1/detections to batches of columns. NDJSON and CSV are read as they arrive; a JSON
// document and an Arrow stream are taken whole, within a limit.

import { AppError, invalidArgument } from '../../src/errors.ts';
import { messagesOfThread } from '../files/boundedThread.ts';
import { readCsv } from '../files/csv.ts';
import { BatchBuilder, type FileBatch } from '../files/detectionBatch.ts';
import { parseExactJson } from '../files/exactJson.ts';
import { addJsonRow, readNdjson } from '../files/ndjson.ts';
import type { ArrowMessage } from './arrowThread.ts';

/** `rows` and `rejected[].row` count the rows of the whole body from 0. */
export interface DecodedBatch extends FileBatch {
  /** Number of the first row of this batch. */
  readonly firstRow: number;
}

const ARROW_LIMITS = { what: 'Arrow stream', heapMb: 512, answerMs: 10_000 };
const MAX_DOCUMENT_BYTES = 64 * 1_048_576;

type Decoder = (chunks: AsyncIterable<Uint8Array>, batch: BatchBuilder) => AsyncIterable<FileBatch>;

const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['application/json', readJson],
  ['application/x-ndjson', readNdjson],
  ['application/ndjson', readNdjson],
  ['application/jsonl', readNdjson],
  ['text/csv', (chunks, batch) => readCsv(chunks, { wrapRa: false }, 'body', batch)],
  ['application/vnd.apache.arrow.stream', readArrow],
]);

export const BODY_CONTENT_TYPES: readonly string[] = [...DECODERS.keys()];

/** Throws AppError for a body that is none of its kind; a bad row is in `rejected` of its batch. */
export async function* decodeBody(contentType: string, body: AsyncIterable<Uint8Array> | Uint8Array): AsyncGenerator<DecodedBatch> {
  const decoder = DECODERS.get(checkedMediaType(contentType));
  if (decoder === undefined) throw invalidArgument('content-type', contentType, `one of ${BODY_CONTENT_TYPES.join(', ')}`);
  const chunks = body instanceof Uint8Array ? onlyChunk(body) : body;
  let firstRow = 0;
  for await (const batch of decoder(chunks, new BatchBuilder(0))) {
    yield { ...batch, firstRow };
    firstRow += batch.rows.length + batch.rejected.length;
  }
}

function checkedMediaType(contentType: string): string {
  const [mediaType, ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  for (const parameter of parameters) {
    const charset = /^charset="?([^"]*)"?$/.exec(parameter)?.[1];
    if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') {
      throw invalidArgument('charset', charset, 'utf-8');
    }
  }
  return mediaType;
}

/** A list of rows, or an object with the list in `detections`. */
async function* readJson(chunks: AsyncIterable<Uint8Array>, batch: BatchBuilder): AsyncGenerator<FileBatch> {
  const document = parsedJson(await gathered(chunks));
  const inside = typeof document === 'object' && document !== null && !Array.isArray(document) ? Object.entries(document) : [];
  const rows: unknown = Array.isArray(document) ? document : inside.find(([name]) => name === 'detections')?.[1];
  if (!Array.isArray(rows))
    throw new AppError('invalid_argument', 'body must be a list of detections or an object with one in "detections"');
  for (const row of rows as unknown[]) {
    addJsonRow(batch, row, null);
    if (batch.isFull) yield* batch.takeFull();
  }
  yield* batch.takeAll();
}

async function* readArrow(chunks: AsyncIterable<Uint8Array>, batch: BatchBuilder): AsyncGenerator<FileBatch> {
  const bytes = await gathered(chunks);
  const entry = new URL('./arrowThread.ts', import.meta.url);
  for await (const { rows } of messagesOfThread<ArrowMessage>(entry, bytes, ARROW_LIMITS)) {
    for (const row of rows) batch.addOwn(row, null);
    if (batch.isFull) yield* batch.takeFull();
  }
  yield* batch.takeAll();
}

function parsedJson(bytes: Buffer): unknown {
  try {
    return parseExactJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new AppError('invalid_argument', `body is not JSON in UTF-8: ${error instanceof Error ? error.message : ''}`, { cause: error });
  }
}

async function gathered(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > MAX_DOCUMENT_BYTES) {
      throw new AppError(
        'resource_exhausted',
        `body is over ${String(MAX_DOCUMENT_BYTES)} bytes, which is the limit for JSON and Arrow; NDJSON has none`,
      );
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/** A body that is there already, in the shape of one that streams. */
async function* onlyChunk(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body;
}
