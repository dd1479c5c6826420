// What the service holds and how it keeps it.

import type { DetectionStore, StoreSummary } from '../src/store/store.ts';

export interface ServiceStatus extends StoreSummary {
  readonly version: string;
  readonly uptimeS: number;
}

export async function status(store: DetectionStore, version: string): Promise<ServiceStatus> {
  return { ...(await store.summary()), version, uptimeS: process.uptime() };
}
