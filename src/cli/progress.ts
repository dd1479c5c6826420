// How far an ingest is: a bar on a terminal, a line every few seconds elsewhere. Always on standard error, so
// that standard output stays for the report.

import { SingleBar } from 'cli-progress';
import { countText } from './table.ts';

export interface Progress {
  update(rows: number, bytesRead: number): void;
  stop(): void;
}

export const NO_PROGRESS: Progress = { update: () => undefined, stop: () => undefined };

const LINE_INTERVAL_MS = 5000;

export function openProgress(totalBytes: number): Progress {
  return process.stderr.isTTY ? bar(totalBytes) : lines(totalBytes);
}

function bar(totalBytes: number): Progress {
  const start = performance.now();
  const single = new SingleBar({
    format: '{bar} {percentage} %  {rows} rows  {rate} rows/s  ETA {eta_formatted}',
    barsize: 30,
    hideCursor: true,
    stream: process.stderr,
  });
  single.start(Math.max(totalBytes, 1), 0, { rows: '0', rate: '0' });
  return {
    update(rows, bytesRead) {
      single.update(Math.min(bytesRead, totalBytes), { rows: countText(rows), rate: countText(rateOf(rows, start)) });
    },
    stop() {
      single.stop();
    },
  };
}

function lines(totalBytes: number): Progress {
  const start = performance.now();
  let next = start + LINE_INTERVAL_MS;
  return {
    update(rows, bytesRead) {
      const now = performance.now();
      if (now < next) return;
      next = now + LINE_INTERVAL_MS;
      const percent = totalBytes === 0 ? '' : ` (${Math.min(100, (100 * bytesRead) / totalBytes).toFixed(0)} %)`;
      process.stderr.write(`${countText(rows)} rows${percent}, ${countText(rateOf(rows, start))} rows/s\n`);
    },
    stop: () => undefined,
  };
}

export function rateOf(rows: number, startMs: number): number {
  return rows / Math.max((performance.now() - startMs) / 1000, 0.001);
}
