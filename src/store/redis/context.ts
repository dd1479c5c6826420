// What the parts of the Redis store share.

import type { RedisKeys } from '../keys.ts';
import type { RedisClient } from '../redisClient.ts';
import type { Layout } from './layout.ts';
import type { Names } from './names.ts';
import type { ObjectLogs } from './objectLogs.ts';

export interface RedisContext {
  /** Reads have a connection of their own: no answer stands behind a batch on the wire. */
  readonly reads: RedisClient;
  readonly writes: RedisClient;
  readonly keys: RedisKeys;
  readonly layout: Layout;
  readonly names: Names;
  readonly logs: ObjectLogs;
  /** (night, shard) pairs and object names that are in Redis' indexes already. */
  readonly indexedNights: Set<number>;
  readonly indexedNames: Set<string>;
}
