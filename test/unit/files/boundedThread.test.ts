import { describe, expect, it } from 'vitest';
import { messagesOfThread } from '../../../ingest/files/boundedThread.ts';

const entry = (code: string) =>
  new URL(`data:text/javascript,${encodeURIComponent(`import { parentPort } from 'node:worker_threads'; ${code}`)}`);

async function all(code: string, answerMs = 1_000): Promise<unknown[]> {
  const messages: unknown[] = [];
  for await (const message of messagesOfThread(entry(code), null, { what: 'decoder', heapMb: 32, answerMs })) messages.push(message);
  return messages;
}

describe('a bounded thread', () => {
  it('gives its messages one by one until it says that it is done', async () => {
    const code = `let n = 0; parentPort.on('message', () => parentPort.postMessage(n < 2 ? { n: n++ } : { end: true }));`;
    expect(await all(code)).toEqual([{ n: 0 }, { n: 1 }]);
  });

  it('is ended when it loops for ever', async () => {
    await expect(all(`parentPort.on('message', () => { for (;;); });`)).rejects.toMatchObject({
      code: 'resource_exhausted',
      message: 'decoder took more than 1000 ms to decode',
    });
  });

  it('is ended when it fills its heap, and this process lives on', async () => {
    const code = `parentPort.on('message', () => { const all = []; for (;;) all.push({ a: 1, b: [1, 2, 3] }); });`;
    await expect(all(code, 30_000)).rejects.toMatchObject({ message: 'decoder needs more than 32 MB to decode' });
  });

  it('passes on what it refuses', async () => {
    const code = `parentPort.on('message', () => parentPort.postMessage({ code: 'invalid_argument', problem: 'no' }));`;
    await expect(all(code)).rejects.toMatchObject({ code: 'invalid_argument', message: 'no' });
  });
});
