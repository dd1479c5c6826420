// What a row says about the sky. The number is the one on the wire and in the stores.

export const KINDS = ['detection', 'forced', 'upper_limit'] as const;
export type Kind = (typeof KINDS)[number];

/** 1 detection, 2 forced photometry, 3 upper limit. 0 is never stored. */
export const KIND_NUMBER: Readonly<Record<Kind, number>> = { detection: 1, forced: 2, upper_limit: 3 };

export function kindName(kindNumber: number): Kind {
  return KINDS[kindNumber - 1] ?? 'detection';
}
