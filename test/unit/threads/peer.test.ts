import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.ts';
import { Peer, type Handlers } from '../../../src/threads/peer.ts';

const ports: MessagePort[] = [];

function peers(handlers: Handlers): Peer {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  new Peer(port2, handlers);
  return new Peer(port1, {});
}

afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

const LONG = { timeoutMs: 60_000 };

describe('a question to another thread', () => {
  it('comes back with the answer, each its own', async () => {
    const peer = peers({ double: (x: number) => Promise.resolve(2 * x) });
    expect(await Promise.all([1, 2, 3].map((x) => peer.ask('double', x, LONG)))).toEqual([2, 4, 6]);
  });

  it('comes back with the code and the message of what was thrown', async () => {
    const peer = peers({
      fail: () => {
        throw new AppError('resource_exhausted', 'the memory is full');
      },
    });
    await expect(peer.ask('fail', null, LONG)).rejects.toMatchObject({ code: 'resource_exhausted', message: 'the memory is full' });
  });

  it('hands memory over instead of copying it', async () => {
    const peer = peers({ length: (bytes: Uint8Array) => bytes.length });
    const bytes = new Uint8Array(10);
    expect(await peer.ask('length', bytes, { ...LONG, transfer: [bytes.buffer] })).toBe(10);
    expect(bytes.length).toBe(0);
  });

  it('ends with deadline_exceeded when no answer comes in time', async () => {
    const peer = peers({ never: () => new Promise(() => undefined) });
    await expect(peer.ask('never', null, { timeoutMs: 1 })).rejects.toMatchObject({ code: 'deadline_exceeded' });
  });

  it('is refused when too many wait', async () => {
    const peer = peers({ never: () => new Promise(() => undefined) });
    const waiting = Array.from({ length: 64 }, () => peer.ask('never', null, LONG));
    await expect(peer.ask('never', null, LONG)).rejects.toMatchObject({ code: 'resource_exhausted' });
    peer.close('the end');
    for (const it of waiting) await expect(it).rejects.toMatchObject({ code: 'unavailable', message: 'the end' });
  });
});
