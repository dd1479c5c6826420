// The larger data sets live beside the repository, not in it. Tests that want them skip without them.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Directory with the shared data sets, or null (with a printed reason) when this machine has none. */
export function sharedDataDir(): string | null {
  const dir = process.env['NIGHTJAR_SHARED_DATA'] ?? fileURLToPath(new URL('../../../shared/data/', import.meta.url));
  if (existsSync(dir)) return dir.endsWith('/') ? dir : `${dir}/`;
  console.log(`skipped: no shared data at ${dir} (set NIGHTJAR_SHARED_DATA to its folder)`);
  return null;
}
