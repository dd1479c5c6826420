import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { drained } from '../../../src/contract/grpcCalls.ts';

/** Takes one byte and calls back when told. */
function reader(): { stream: Writable; read: () => void } {
  let done: () => void = () => undefined;
  const stream = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, callback) => {
      done = callback;
    },
  });
  return {
    stream,
    read: () => {
      done();
    },
  };
}

describe('a stream to a client', () => {
  it('goes on once the client has read', async () => {
    const { stream, read } = reader();
    stream.write('x');
    const waiting = drained(stream, new AbortController().signal, 10_000);
    read();
    await expect(waiting).resolves.toBeUndefined();
  });

  it('ends with deadline_exceeded when the client reads nothing', async () => {
    const { stream } = reader();
    stream.write('x');
    await expect(drained(stream, new AbortController().signal, 5)).rejects.toMatchObject({ code: 'deadline_exceeded' });
  });

  it('ends as cancelled when the call is cancelled meanwhile', async () => {
    const { stream } = reader();
    stream.write('x');
    const call = new AbortController();
    const waiting = drained(stream, call.signal, 10_000);
    call.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});
