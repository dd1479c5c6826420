// Whether a row that comes again says the same: every column as the store keeps it.

import { FIELDS } from '../../model/fields.ts';
import { DetectionColumns } from '../../model/columns.ts';
import type { RowReader } from './rowReader.ts';

export class ContentCheck {
  readonly #rows: RowReader;
  readonly #stored = new DetectionColumns(1);

  constructor(rows: RowReader) {
    this.#rows = rows;
  }

  /** Outside name of the first field that differs from the stored row, null when none does. */
  differingField(ref: number, batch: DetectionColumns, row: number): string | null {
    const stored = this.#stored;
    stored.length = 0;
    this.#rows.prepare(stored);
    this.#rows.append(ref, stored);
    // the object that it was associated with is not of its content
    if (this.#rows.alias(ref) === 0) stored.objectId[0] = null;
    for (const field of FIELDS) {
      if (!Object.is(field.value(stored, 0), field.value(batch, row))) return field.name;
    }
    return null;
  }
}
