// Reads vendored truth (scripts/oracle/*.py made it) and refuses a file that lost samples or does not say where it came from.

import { readFileSync } from 'node:fs';

interface TruthHead {
  readonly generated: string;
  readonly about: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly counts: Readonly<Record<string, number>>;
}

/** `expected`: how many samples each group must have; a number here and one in the file, so that neither can shrink alone. */
export function readTruth<T extends Record<string, readonly unknown[]>>(name: string, expected: { readonly [K in keyof T]: number }): T {
  const truth = JSON.parse(readFileSync(new URL(`truth/${name}.json`, import.meta.url), 'utf8')) as T & TruthHead;
  if (truth.about === '' || Object.keys(truth.versions).length === 0) throw new Error(`truth ${name} does not say what it is`);
  for (const [group, count] of Object.entries(expected)) {
    if (truth[group].length !== count || truth.counts[group] !== count) {
      throw new Error(`truth ${name}.${group} has ${String(truth[group].length)} samples, must have ${String(count)}`);
    }
  }
  return truth;
}
