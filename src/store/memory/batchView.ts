// A batch as the writer reads it: 64-bit columns as pairs of 32-bit words (a bigint is an object each), and the batch's
// names as the store's.

import { FLOAT32_COLUMNS, type DetectionColumns } from '../../model/columns.ts';
import type { Dictionary } from '../../model/dictionary.ts';

export interface StoreNames {
  internSurvey(name: string): number;
  internStation(name: string): number;
  internBand(name: string): number;
}

export class BatchView {
  readonly columns: DetectionColumns;
  readonly sourceId: Uint32Array;
  readonly exposureId: Uint32Array;
  readonly flags: Uint32Array;
  /** In the order of FLOAT32_COLUMNS. */
  readonly floats: readonly Float32Array[];
  readonly #names: StoreNames;
  readonly #surveys: Int32Array;
  readonly #stations: Int32Array;
  readonly #bands: Int32Array;

  constructor(columns: DetectionColumns, names: StoreNames) {
    this.columns = columns;
    this.sourceId = words(columns.sourceId);
    this.exposureId = words(columns.exposureId);
    this.flags = words(columns.flags);
    this.floats = FLOAT32_COLUMNS.map((name) => columns[name]);
    this.#names = names;
    this.#surveys = unknown(columns.surveys);
    this.#stations = unknown(columns.stations);
    this.#bands = unknown(columns.bands);
  }

  survey(row: number): number {
    const index = this.columns.survey[row];
    const known = this.#surveys[index];
    if (known >= 0) return known;
    return (this.#surveys[index] = this.#names.internSurvey(this.columns.surveys.names[index]));
  }

  station(row: number): number {
    const index = this.columns.station[row];
    const known = this.#stations[index];
    if (known >= 0) return known;
    return (this.#stations[index] = this.#names.internStation(this.columns.stations.names[index]));
  }

  band(row: number): number {
    const index = this.columns.band[row];
    const known = this.#bands[index];
    if (known >= 0) return known;
    return (this.#bands[index] = this.#names.internBand(this.columns.bands.names[index]));
  }
}

function words(column: BigInt64Array | BigUint64Array): Uint32Array {
  return new Uint32Array(column.buffer, column.byteOffset, 2 * column.length);
}

function unknown(dictionary: Dictionary): Int32Array {
  return new Int32Array(dictionary.names.length).fill(-1);
}
