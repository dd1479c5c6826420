// The thread that decodes one Parquet file (reader.ts starts it). Sends the shape, then slices of rows.

import {
  asyncBufferFromFile,
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { AppError } from '../../../src/errors.ts';
import {
  MAX_FREE_PARQUET_VALUES,
  MAX_PARQUET_FOOTER_BYTES,
  MAX_PARQUET_GROUP_BYTES,
  MAX_PARQUET_PAGE_BYTES,
  MAX_PARQUET_SLICE_VALUES,
  MAX_PARQUET_VALUES_PER_BYTE,
} from '../limits.ts';
import { answerFrom } from '../threadEntry.ts';
import { type ParquetShape, parquetShapeOf } from './shape.ts';

/** Sent to the reader. */
export type ParquetMessage = { readonly shape: ParquetShape } | { readonly rows: readonly Readonly<Record<string, unknown>>[] };

answerFrom('parquet', (path) => shapeAndRows(path as string));

async function* shapeAndRows(path: string): AsyncGenerator<ParquetMessage> {
  const file = await asyncBufferFromFile(path);
  await checkEnds(file);
  const metadata = await parquetMetadataAsync(file);
  const shape = parquetShapeOf(parquetSchema(metadata).children.map(({ element }) => element.name));
  checkGroups(metadata, file.byteLength);
  yield { shape };
  const rows = Number(metadata.num_rows);
  const step = sliceRows(metadata, shape, file.byteLength);
  for (let rowStart = 0; rowStart < rows; rowStart += step) {
    const rowEnd = Math.min(rows, rowStart + step);
    yield {
      rows: await parquetReadObjects({ file, metadata, columns: [...shape.columns], rowStart, rowEnd, compressors: boundedCompressors() }),
    };
  }
}

async function checkEnds(file: AsyncBuffer): Promise<void> {
  if (file.byteLength < 12) throw new AppError('invalid_argument', 'parquet file is too short');
  const head = Buffer.from(await file.slice(0, 4));
  const tail = Buffer.from(await file.slice(file.byteLength - 8, file.byteLength));
  if (head.toString('latin1') !== 'PAR1' || tail.toString('latin1', 4) !== 'PAR1') {
    throw new AppError('invalid_argument', 'parquet file does not begin and end with PAR1: it is cut or is no Parquet');
  }
  const footer = tail.readUInt32LE(0);
  if (footer > MAX_PARQUET_FOOTER_BYTES || footer > file.byteLength - 12) {
    throw new AppError('invalid_argument', `parquet footer says it has ${String(footer)} bytes, the file has ${String(file.byteLength)}`);
  }
}

/** Sizes are claims until they fit the file. */
function checkGroups(metadata: FileMetaData, fileBytes: number): void {
  let rows = 0n;
  for (const { num_rows, columns } of metadata.row_groups) {
    rows += num_rows;
    for (const { meta_data } of columns) {
      if (meta_data === undefined) throw new AppError('invalid_argument', 'parquet column is in another file');
      const { total_compressed_size, total_uncompressed_size, data_page_offset, dictionary_page_offset } = meta_data;
      const start = dictionary_page_offset !== undefined && dictionary_page_offset > 0n ? dictionary_page_offset : data_page_offset;
      if (start < 0n || start + total_compressed_size > BigInt(fileBytes)) {
        throw new AppError('invalid_argument', 'parquet column goes beyond the end of the file');
      }
      if (total_uncompressed_size > BigInt(MAX_PARQUET_GROUP_BYTES)) {
        throw new AppError(
          'resource_exhausted',
          `parquet column inflates to ${String(total_uncompressed_size)} bytes, must be at most ${String(MAX_PARQUET_GROUP_BYTES)}`,
        );
      }
    }
  }
  if (rows !== metadata.num_rows)
    throw new AppError('invalid_argument', `parquet says it has ${String(metadata.num_rows)} rows, its groups have ${String(rows)}`);
}

/** As many rows at once as keep the values in memory few, however many each row has in its lists. */
function sliceRows(metadata: FileMetaData, shape: ParquetShape, fileBytes: number): number {
  let values = 0;
  for (const { columns } of metadata.row_groups) {
    for (const { meta_data } of columns) {
      if (meta_data !== undefined && shape.columns.includes(meta_data.path_in_schema[0])) values += Number(meta_data.num_values);
    }
  }
  if (values > MAX_FREE_PARQUET_VALUES && values > MAX_PARQUET_VALUES_PER_BYTE * fileBytes) {
    throw new AppError(
      'resource_exhausted',
      `parquet has ${String(values)} values in ${String(fileBytes)} bytes, must have at most ${String(MAX_PARQUET_VALUES_PER_BYTE)} a byte`,
    );
  }
  const perRow = Math.max(1, values / Math.max(1, Number(metadata.num_rows)));
  return Math.max(1, Math.floor(MAX_PARQUET_SLICE_VALUES / perRow));
}

function boundedCompressors(): Compressors {
  return Object.fromEntries(
    Object.entries(compressors).map(([codec, inflate]) => [
      codec,
      (input: Uint8Array, outputLength: number) => {
        if (outputLength > MAX_PARQUET_PAGE_BYTES) {
          throw new AppError(
            'resource_exhausted',
            `parquet page inflates to ${String(outputLength)} bytes, must be at most ${String(MAX_PARQUET_PAGE_BYTES)}`,
          );
        }
        return inflate(input, outputLength);
      },
    ]),
  );
}
