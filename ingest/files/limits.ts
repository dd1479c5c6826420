// What a file may ask of us. Each limit is there so that memory stays flat whatever a file says of itself;
// each is far above what real files need (docs/data-model.md lists them with the largest real value seen).

export const MAX_BATCH_ROWS = 1_000;

/** One field of a text format, and one whole record of it, in bytes. */
export const MAX_FIELD_BYTES = 65_536;
export const MAX_RECORD_BYTES = 1_048_576;

/** A gzip file may inflate to this much freely, and beyond it to this many times its size. */
export const MAX_FREE_INFLATED_BYTES = 16 * 1_048_576;
export const MAX_INFLATE_RATIO = 200;

/** Avro: schema, one block as stored, one block when inflated. Alerts with cut-outs take about 100 kB. */
export const MAX_AVRO_HEADER_BYTES = 8 * 1_048_576;
export const MAX_AVRO_BLOCK_BYTES = 64 * 1_048_576;
/** Items of one array or map of a record (a Rubin history has hundreds). */
export const MAX_AVRO_ITEMS = 1_000_000;

/** Parquet: footer, one page and one column of a row group when inflated, values decoded at once, heap and time. */
export const MAX_PARQUET_FOOTER_BYTES = 16 * 1_048_576;
export const MAX_PARQUET_PAGE_BYTES = 64 * 1_048_576;
export const MAX_PARQUET_GROUP_BYTES = 512 * 1_048_576;
export const MAX_PARQUET_SLICE_VALUES = 400_000;
/** So many values freely, and beyond them so many for a byte of the file: run lengths make millions of nothing. */
export const MAX_FREE_PARQUET_VALUES = 4_000_000;
export const MAX_PARQUET_VALUES_PER_BYTE = 50;
export const MAX_PARQUET_HEAP_MB = 512;
export const MAX_PARQUET_SLICE_MS = 60_000;

/** ADES XML: depth of elements and characters of text in one of them. */
export const MAX_XML_DEPTH = 32;
