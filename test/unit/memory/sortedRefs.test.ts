import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { SortedRefs } from '../../../src/store/memory/sortedRefs.ts';

describe('rows sorted as far as they are asked for', () => {
  it('are those of a full sort, whatever the keys, ties and steps', () => {
    const keys = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 3000 });
    const steps = fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 5 });
    fc.assert(
      fc.property(keys, steps, (values, counts) => {
        const sorted = new SortedRefs((a, b) => a - b);
        values.forEach((key, ref) => {
          sorted.add(key, ref);
        });
        const expected = values.map((key, ref) => ({ key, ref })).sort((a, b) => a.key - b.key || a.ref - b.ref);
        let asked = 0;
        for (const count of counts) {
          asked = Math.min(values.length, asked + count);
          sorted.sortFirst(asked);
          expect([...sorted.refs.subarray(0, asked)]).toEqual(expected.slice(0, asked).map(({ ref }) => ref));
        }
      }),
      { numRuns: 60 },
    );
  });
});
