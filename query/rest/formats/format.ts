// What a format must give. All of them write the same fields (model/fields.ts) from the same columns.

import type { DetectionsAnswer } from '../../answer.ts';

export const FORMAT_NAMES = ['json', 'ndjson', 'csv', 'votable', 'arrow', 'parquet'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** Which position of a cross-match each row is about. */
export interface MatchedPositions {
  readonly positionOf: ArrayLike<number>;
  /** The caller's own name of the position, null without one. */
  readonly idOf: readonly (string | null)[];
}

export interface ShownAnswer extends DetectionsAnswer {
  /** True where the rows have a separation from the asked place. */
  readonly hasSeparation: boolean;
  /** Rows of a cross-match; one with kind 0 stands for no detection. */
  readonly matched: MatchedPositions | null;
  /** What was asked, in words, for formats that can say it. */
  readonly title: string;
}

export interface Format {
  readonly name: FormatName;
  readonly contentType: string;
  /** Media types of an Accept header that mean it. */
  readonly mediaTypes: readonly string[];
  /** The answer in parts of some hundred kilobytes. A part is the receiver's; small answers are one part. */
  readonly encode: (answer: ShownAnswer) => Iterable<Buffer>;
}
