// One logger for the process: a JSON line each on standard output. `debug` choices, `info` life cycle, `warn`
// what heals by itself, `error` what needs a person.

import { pino, type Logger } from 'pino';
import type { Config } from './config.ts';

export type Log = Logger;

export function openLog(level: Config['logLevel']): Log {
  return pino({
    level,
    base: { service: 'nightjar' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}

/** A URL as a log may show it: without user and password. */
export function shownUrl(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
