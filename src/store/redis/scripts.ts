// Runs the Lua scripts by their digest. EVALSHA and not FUNCTION: Redis 6.2, the oldest server we take, has no
// functions. Where a server has forgotten a script (restart, failover, SCRIPT FLUSH) it is sent again.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

export type ScriptName =
  | 'nameNumbers'
  | 'claimIds'
  | 'putShard'
  | 'readObjects'
  | 'addObjectNames'
  | 'evictBlock'
  | 'evictNight'
  | 'dropObjects'
  | 'releaseIds'
  | 'fenceId'
  | 'moveClaim';

interface Script {
  readonly text: string;
  readonly sha: string;
}

const loaded = new Map<ScriptName, Script>();

function scriptOf(name: ScriptName): Script {
  let script = loaded.get(name);
  if (script === undefined) {
    const text = readFileSync(new URL(`lua/${name}.lua`, import.meta.url), 'utf8');
    script = { text, sha: createHash('sha1').update(text).digest('hex') };
    loaded.set(name, script);
  }
  return script;
}

export type ScriptReply = number | Buffer | null | ScriptReply[];

/** Bulk strings of the answer are buffers. */
export async function runScript(
  redis: Redis,
  name: ScriptName,
  keys: readonly string[],
  args: readonly (string | Buffer)[],
): Promise<ScriptReply> {
  const { sha, text } = scriptOf(name);
  const rest = [keys.length, ...keys, ...args];
  try {
    return (await redis.callBuffer('EVALSHA', sha, ...rest)) as ScriptReply;
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return (await redis.callBuffer('EVAL', text, ...rest)) as ScriptReply;
  }
}
