// The one suite for all engines: what DetectionStore promises, with answers known by hand, and random skies
// against the reference store. An engine is right when this passes.

import { describe } from 'vitest';
import { associationTests } from './suite/association.ts';
import { columnValueTests } from './suite/columnValues.ts';
import { coneTests } from './suite/cones.ts';
import { duplicateTests } from './suite/duplicates.ts';
import { harnessOf, type OpenStore, type StoreSuiteOptions } from './suite/harness.ts';
import { immediateTests } from './suite/immediate.ts';
import { lightCurveTests } from './suite/lightCurves.ts';
import { nearestTests } from './suite/nearest.ts';
import { evictionTests, nightTests } from './suite/nights.ts';
import { orderTests, pagingTests } from './suite/paging.ts';
import { propertyTests } from './suite/properties.ts';
import { regionTests } from './suite/regions.ts';
import { sourceIdTests } from './suite/sourceIds.ts';
import { summaryTests } from './suite/summary.ts';
import { filterTests, windowTests } from './suite/windows.ts';

export function storeSuite(name: string, open: OpenStore, options: StoreSuiteOptions = {}): void {
  describe(name, () => {
    const harness = harnessOf(name, open, options);
    coneTests(harness);
    regionTests(harness);
    nearestTests(harness);
    lightCurveTests(harness);
    sourceIdTests(harness);
    nightTests(harness);
    windowTests(harness);
    filterTests(harness);
    orderTests(harness);
    pagingTests(harness);
    duplicateTests(harness);
    associationTests(harness);
    columnValueTests(harness);
    evictionTests(harness);
    summaryTests(harness);
    immediateTests(harness);
    propertyTests(harness, open);
  });
}

/** What a store must still pass when each write has been through the disk; slow to open, hence few random skies. */
export function durableStoreSuite(name: string, open: OpenStore): void {
  describe(name, () => {
    const harness = harnessOf(name, open, {});
    columnValueTests(harness);
    evictionTests(harness);
    summaryTests(harness);
    propertyTests(harness, open, 3);
  });
}
