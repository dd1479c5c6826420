import type { RedisContext } from './context.ts';
export function evictBefore(_context: RedisContext, _mjdTai: number): Promise<number> {
  return Promise.resolve(0);
}
